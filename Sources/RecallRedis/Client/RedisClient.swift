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
    /// - Parameters:
    ///   - what: what is done, for messages, such as "appending".
    ///   - isAppend: whether an attempt whose answer was lost leaves something unknown.
    func perform<Value>(
        _ what: String, isAppend: Bool = false,
        _ body: (RedisConnection) throws(RedisFailure) -> Value
    ) throws(StoreError) -> Value {
        let deadline = Deadline.after(configuration.retryDuration)
        var pause = RetryPause(configuration)
        var asked: RedisAddress?
        var redirectionsLeft = 8
        var isFateUnknown = false
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
                case .store(let error):
                    // A judgement of the script is final: a commit that is stored it would have known.
                    let isOpen = isAppend && isFateUnknown && error.code == .unavailable
                    throw isOpen ? error.withUnknownFate : error
                case .connection(let what, let mayHaveRun):
                    if mayHaveRun { isFateUnknown = true }
                    reason = what
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
                        let error = answer.storeError(from: route.description, doing: what)
                        throw isAppend && isFateUnknown ? error.withUnknownFate : error
                    }
                    reason = String(answer.text.prefix(200))
                }
            }
            if deadline.hasPassed {
                let error = StoreError.notReached(
                    route.description, doing: what, reason, configuration.retryDuration)
                if !isAppend { throw error }
                throw isFateUnknown ? error.withUnknownFate : error.withNothingWritten
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

    /// The same error of an append that may have been carried out.
    var withUnknownFate: StoreError {
        var error = self
        error.message +=
            " The answer to an earlier attempt was lost, so whether the commit is stored is not known: append it again with the same event ids, which stores it once."
        return error
    }

    /// The same error of an append that was never sent whole.
    fileprivate var withNothingWritten: StoreError {
        var error = self
        error.message += " Nothing was written."
        return error
    }
}
