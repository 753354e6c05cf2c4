// The life of a router's connection: made when it is needed, given up after an error, and made again, not at once each
// time. And the order of publishing: of each graph only one message is on its way, since the broker may refuse one and take the
// next.

internal import Logging
internal import Recall

/// What became of some events.
struct AMQPResult: Sendable {
    /// The lowest position that was not confirmed; nil where all were.
    var unconfirmed: Position?
    /// Why, in order of positions.
    var errors: [AMQPError] = []
}

/// A connection that comes and goes. Belongs to one thread.
struct AMQPSession {
    private let configuration: AMQPConfiguration
    private var connection: AMQPConnection?
    private var failureCount = 0
    private var restUntil = ContinuousClock.now
    /// Why the last connection was not made.
    private var lastFailure: AMQPError?
    /// How many messages are sent together at most: one behind a front that the broker did not take.
    private var waveCountMax = Int.max
    /// Events that the broker has confirmed, though not those in front of them: their caller comes with them again.
    private var confirmedAhead: Set<EventID> = []
    /// The front that they are behind.
    private var aheadOf = Position.beforeFirst

    /// Behind it there is no bound any more.
    private static let waveCountHigh = 4096
    private static let confirmedCountMax = 16_384

    init(_ configuration: AMQPConfiguration) { self.configuration = configuration }

    /// Publishes events and waits for their confirmations.
    ///
    /// A broker that says `nack` cannot take a message now: one of its queues may be full, while others got the message. What is sent
    /// again fills those; so the front goes alone then, until it passes, and after it twice as many each time. What was confirmed behind
    /// the front is remembered and not sent again.
    mutating func publish(_ events: [RecordedEvent]) -> AMQPResult {
        // Whoever goes back wants all of it again.
        if let first = events.first, first.position < aheadOf { confirmedAhead = [] }
        var isConfirmed = events.map { confirmedAhead.remove($0.id) != nil }
        var result = AMQPResult()
        var stoppedRoots: Set<AggregateID> = []
        var waiting = events.indices.filter { !isConfirmed[$0] }
        while !waiting.isEmpty {
            var wave: [Int] = []
            var messages: [AMQPMessage] = []
            var later: [Int] = []
            var roots: Set<AggregateID> = []
            for index in waiting {
                let root = events[index].rootID
                // Nothing overtakes an event of its graph that did not get through.
                if stoppedRoots.contains(root) { continue }
                guard wave.count < waveCountMax, roots.insert(root).inserted else {
                    later.append(index)
                    continue
                }
                do throws(AMQPError) {
                    messages.append(try AMQPMessage(events[index], source: configuration.source))
                    wave.append(index)
                } catch {
                    stoppedRoots.insert(root)
                    result.errors.append(error)
                }
            }
            waiting = later
            if wave.isEmpty { continue }
            var isFull = false
            do throws(AMQPError) {
                let connection = try connected()
                try connection.publish(messages) { place, outcome in
                    switch outcome {
                    case .confirmed: isConfirmed[wave[place]] = true
                    case .refused(let error):
                        stoppedRoots.insert(events[wave[place]].rootID)
                        result.errors.append(error)
                    case .notTaken(let error):
                        if !isFull { result.errors.append(error) }
                        isFull = true
                    case .pending: break
                    }
                }
            } catch {
                giveUp(error)
                result.errors.append(error)
                break
            }
            if isFull {
                waveCountMax = 1
                break
            }
            waveCountMax = waveCountMax > Self.waveCountHigh ? .max : waveCountMax * 2
        }
        if let first = isConfirmed.firstIndex(of: false) {
            result.unconfirmed = events[first].position
            aheadOf = events[first].position
            for index in events.indices where index > first && isConfirmed[index] {
                // Whoever asks for others meanwhile makes no room for them.
                if confirmedAhead.count >= Self.confirmedCountMax { break }
                confirmedAhead.insert(events[index].id)
            }
        }
        return result
    }

    /// Keeps the connection alive while nothing is published.
    mutating func serve() {
        guard let connection else { return }
        do throws(AMQPError) { try connection.serve() } catch { giveUp(error) }
    }

    mutating func close() {
        connection?.close()
        connection = nil
    }

    private mutating func connected() throws(AMQPError) -> AMQPConnection {
        if let connection { return connection }
        let rest = restUntil - ContinuousClock.now
        guard rest <= .zero else {
            let reason = lastFailure.map { " The last time: \($0.message)" } ?? ""
            throw AMQPError(
                "No connection to the broker at \(configuration.place) was made in \(failureCount) attempts, and it is left alone for another \(rest).\(reason)",
                replyCode: lastFailure?.replyCode, isTransient: true)
        }
        do throws(AMQPError) {
            let made = try AMQPConnection(configuration)
            connection = made
            failureCount = 0
            lastFailure = nil
            configuration.logger.info("Connected to the broker at \(configuration.place)")
            return made
        } catch {
            failureCount += 1
            lastFailure = error
            restUntil =
                ContinuousClock.now
                + configuration.backOff.delay(
                    afterFailures: failureCount, random: Double.random(in: 0 ... 1))
            throw error
        }
    }

    private mutating func giveUp(_ error: AMQPError) {
        if connection != nil {
            configuration.logger.warning(
                "The connection to the broker at \(configuration.place) is given up: \(error.message)")
        }
        connection = nil
    }
}
