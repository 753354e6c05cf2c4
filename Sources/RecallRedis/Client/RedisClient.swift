// One call of the store against its server: on which connection, again how often, and what is known when it fails.
// Blocking: it runs on the threads of the store's pool.

internal import Recall
internal import RecallThreads
internal import Synchronization

/// Why a call was given up.
struct CallFailure: Error {
    var error: StoreError
    /// Whether nothing else is wrong but that its time is over: a call that was made later may go on.
    var isTimeOver = false
}

/// Reaches the server that has the store.
final class RedisClient: Sendable {
    let configuration: RedisStoreConfiguration
    let pool: ConnectionPool
    let route: SlotRoute
    /// Whether the store was closed: ends the pauses between attempts.
    private let closed = Monitor(false)
    /// Why the last attempt failed; nil where it did not. For calls that no attempt was made for.
    private let lastReason = Mutex<String?>(nil)

    /// - Throws: `invalidArgument` where the configuration makes no sense.
    init(_ configuration: RedisStoreConfiguration) throws(StoreError) {
        try configuration.check()
        self.configuration = configuration
        let tls: TLSContext? = if let settings = configuration.tls { try TLSContext(settings) } else { nil }
        pool = ConnectionPool(Handshake(configuration: configuration, tls: tls))
        route = SlotRoute(configuration.deployment, slot: ClusterSlot.number(of: configuration.name))
    }

    func checkOpen() throws(StoreError) {
        if closed.withLock({ $0 }) { throw .storeClosed }
    }

    /// Ends pauses, and every later call. Calls that wait for the server get its answer.
    /// - Returns: whether it was open until now.
    func close() -> Bool {
        let wasOpen = closed.withLock { closed in
            defer { closed = true }
            return !closed
        }
        closed.broadcast()
        pool.removeAll()
        return wasOpen
    }

    /// Waits, and returns early when the store is closed.
    func pause(_ duration: Duration) {
        _ = closed.wait(for: duration) { $0 ? () : nil }
    }

    /// Does something on a connection to the store's server, and again on another one while that fails in a way that may
    /// pass.
    /// - Parameters:
    ///   - what: what is done, for messages, such as "appending".
    ///   - time: of the caller.
    func perform<Value>(
        _ what: String, _ time: CallTime, _ body: (RedisConnection) throws(RedisFailure) -> Value
    ) throws(CallFailure) -> Value {
        var pause = RetryPause(configuration)
        var asked: RedisAddress?
        var redirectionsLeft = 8
        while true {
            do throws(StoreError) { try checkOpen() } catch { throw CallFailure(error: error) }
            let reason: String
            do throws(RedisFailure) {
                let address = if let asked { asked } else { try route.master(pool, until: time.end) }
                let isAsking = asked != nil
                asked = nil
                let value = try attempt(at: address, isAsking: isAsking, until: time.end, body)
                lastReason.withLock { $0 = nil }
                return value
            } catch {
                switch error {
                case .store(let error): throw CallFailure(error: error)
                case .connection(let what, _): reason = what
                case .server(let answer):
                    switch route.follow(answer) {
                    case .moved where redirectionsLeft > 0:
                        redirectionsLeft -= 1
                        continue
                    case .ask(let address) where redirectionsLeft > 0:
                        redirectionsLeft -= 1
                        asked = address
                        continue
                    case .moved, .ask: break
                    case .none:
                        if answer.isTemporary { break }
                        throw CallFailure(
                            error: answer.storeError(from: route.description, doing: what))
                    }
                    reason = String(answer.text.prefix(200))
                }
            }
            lastReason.withLock { $0 = reason }
            if time.retryEnd.hasPassed {
                throw CallFailure(
                    error: .notReached(route.description, doing: what, reason, time.elapsed), isTimeOver: true
                )
            }
            self.pause(min(pause.take(), time.retryEnd.left))
        }
    }

    /// The error of a call that no thread has begun in time, since those that were made before it wait for the server.
    func notBegun(_ what: String, _ time: CallTime) -> StoreError {
        let reason = lastReason.withLock { $0 } ?? "it answers more slowly than it is asked"
        return .notReached(
            route.description, doing: what, "earlier calls wait for it: \(reason)", time.elapsed)
    }

    private func attempt<Value>(
        at address: RedisAddress, isAsking: Bool, until end: Deadline,
        _ body: (RedisConnection) throws(RedisFailure) -> Value
    ) throws(RedisFailure) -> Value {
        do throws(RedisFailure) {
            let connection = try pool.take(address, until: end)
            defer { pool.give(connection) }
            connection.isAsking = isAsking
            return try body(connection)
        } catch {
            // Another server may have the store by now.
            switch error {
            case .connection: route.doubt(address)
            case .server(let answer) where answer.isTemporary: route.doubt(address)
            default: break
            }
            throw error
        }
    }
}

extension StoreError {
    static let storeClosed = StoreError(
        .closed, "The store on Redis has been closed; open it again to use it.")

    static func notReached(
        _ server: String, doing what: String, _ reason: String, _ elapsed: String
    ) -> StoreError {
        StoreError(
            .unavailable,
            "The server \(server) could not be used for \(elapsed) while \(what): \(reason). Check that it runs and can be reached."
        )
    }
}
