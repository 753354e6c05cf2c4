// One call of the store against its server: on which connection, again how often, and what is known when it fails.
// Blocking: it runs on the threads of the store's pool.

internal import Recall
internal import RecallThreads

/// Reaches the server that has the store.
final class RedisClient: Sendable {
    let configuration: RedisStoreConfiguration
    let pool: ConnectionPool
    let route: SlotRoute
    /// Whether the store was closed: ends the pauses between attempts.
    private let closed = Monitor(false)

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
    /// - Parameter what: what is done, for messages, such as "appending".
    func perform<Value>(
        _ what: String, _ body: (RedisConnection) throws(RedisFailure) -> Value
    ) throws(StoreError) -> Value {
        let deadline = Deadline.after(configuration.retryDuration)
        var pause = RetryPause(configuration)
        var asked: RedisAddress?
        var redirectionsLeft = 8
        while true {
            try checkOpen()
            let reason: String
            do throws(RedisFailure) {
                let address = if let asked { asked } else { try route.master(pool) }
                let isAsking = asked != nil
                asked = nil
                return try attempt(at: address, isAsking: isAsking, body)
            } catch {
                switch error {
                case .store(let error): throw error
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
                        throw answer.storeError(from: route.description, doing: what)
                    }
                    reason = String(answer.text.prefix(200))
                }
            }
            if deadline.hasPassed {
                throw .notReached(route.description, doing: what, reason, configuration.retryDuration)
            }
            self.pause(min(pause.take(), deadline.left))
        }
    }

    private func attempt<Value>(
        at address: RedisAddress, isAsking: Bool, _ body: (RedisConnection) throws(RedisFailure) -> Value
    ) throws(RedisFailure) -> Value {
        do throws(RedisFailure) {
            let connection = try pool.take(address)
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
        _ server: String, doing what: String, _ reason: String, _ duration: Duration
    ) -> StoreError {
        StoreError(
            .unavailable,
            "The server \(server) could not be used for \(duration) while \(what): \(reason). Check that it runs and can be reached."
        )
    }
}
