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

    init(_ configuration: AMQPConfiguration) { self.configuration = configuration }

    /// Publishes events and waits for their confirmations.
    mutating func publish(_ events: [RecordedEvent]) -> AMQPResult {
        var isConfirmed = [Bool](repeating: false, count: events.count)
        var result = AMQPResult()
        var refusedRoots: Set<AggregateID> = []
        var waiting = Array(events.indices)
        while !waiting.isEmpty {
            var wave: [Int] = []
            var messages: [AMQPMessage] = []
            var later: [Int] = []
            var roots: Set<AggregateID> = []
            for index in waiting {
                let root = events[index].rootID
                // Nothing overtakes a refused event of its graph.
                if refusedRoots.contains(root) { continue }
                guard roots.insert(root).inserted else {
                    later.append(index)
                    continue
                }
                do throws(AMQPError) {
                    messages.append(try AMQPMessage(events[index], source: configuration.source))
                    wave.append(index)
                } catch {
                    refusedRoots.insert(root)
                    result.errors.append(error)
                }
            }
            waiting = later
            if wave.isEmpty { continue }
            do throws(AMQPError) {
                let connection = try connected()
                try connection.publish(messages) { place, outcome in
                    switch outcome {
                    case .confirmed: isConfirmed[wave[place]] = true
                    case .refused(let error):
                        refusedRoots.insert(events[wave[place]].rootID)
                        result.errors.append(error)
                    case .pending: break
                    }
                }
            } catch {
                giveUp(error)
                result.errors.append(error)
                break
            }
        }
        result.unconfirmed = zip(events, isConfirmed).first { !$0.1 }?.0.position
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
            throw AMQPError(
                "The broker at \(configuration.place) could not be reached \(failureCount) times in a row, and is left alone for another \(rest).",
                isTransient: true)
        }
        do throws(AMQPError) {
            let made = try AMQPConnection(configuration)
            connection = made
            failureCount = 0
            configuration.logger.info("Connected to the broker at \(configuration.place)")
            return made
        } catch {
            failureCount += 1
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
