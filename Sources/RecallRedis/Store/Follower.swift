// Waits for events, for all tasks of a store on one connection. The server is asked to answer when there is a newer
// event, and at least once a second, so that a master which has lost events in a failover is noticed: then it is also asked whether it
// still holds what those who wait have read, and whoever has read something else is woken, to be refused.
//
// Invariants: `known` is what the server said last, to whomever it was said: a reader that finds nothing up to there corrects it, and so
// waits and does not ask in a loop. A task is resumed once: by whoever takes its entry out of the table.
// The thread runs while somebody waits, and ends when nobody has for a while.

internal import Recall
internal import RecallThreads

/// The tasks that wait for an event.
final class Follower: Sendable {
    private typealias Continuation = CheckedContinuation<Result<Void, StoreError>, Never>

    private struct Waiter: Sendable {
        /// What was read last, and is proved.
        var cursor: EventCursor
        var continuation: Continuation

        var position: Position { cursor.position }
    }

    private struct State: Sendable {
        var waiters: [UInt64: Waiter] = [:]
        var keyNext: UInt64 = 0
        /// The last position that the server told, or that an append of this process got.
        var known = Position.beforeFirst
        /// How often it was told.
        var newsCount: UInt64 = 0
        /// Whether a thread asks the server, so that `known` is a second old at most.
        var isRunning = false
        var isClosed = false
        /// The connection that the thread waits on.
        var socket: Socket?

        mutating func takeReady() -> [Waiter] {
            let ready = waiters.filter { $0.value.position < known }
            for key in ready.keys { waiters[key] = nil }
            return Array(ready.values)
        }

        /// Those who have read what the server does not have.
        mutating func take(_ cursor: EventCursor) -> [Waiter] {
            let others = waiters.filter { $0.value.cursor == cursor }
            for key in others.keys { waiters[key] = nil }
            return Array(others.values)
        }

        /// Whether one who waits has read an event behind a position.
        func knowsMore(than position: Position) -> Bool {
            waiters.values.contains { $0.position > position && $0.cursor.eventID != nil }
        }

        mutating func takeAll() -> [Waiter] {
            defer { waiters = [:] }
            return Array(waiters.values)
        }
    }

    private let state = Monitor(State())
    private let client: RedisClient
    private let keys: StoreKeys

    /// How long the server is asked to wait, and how long a thread waits for somebody who waits.
    private static let interval = Duration.seconds(1)

    init(_ client: RedisClient, _ keys: StoreKeys) {
        self.client = client
        self.keys = keys
    }

    /// Suspends the task until there is an event behind a cursor, or the server does not hold the event there.
    func wait(after cursor: EventCursor) async throws(StoreError) {
        let key = state.withLock { state in
            state.keyNext += 1
            return state.keyNext
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: Continuation) in
                add(Waiter(cursor: cursor, continuation: continuation), key)
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: key) }
            waiter?.continuation.resume(returning: .failure(.waitCancelled))
        }
        try result.get()
    }

    private func add(_ waiter: Waiter, _ key: UInt64) {
        enum Next: Sendable {
            case resume(Result<Void, StoreError>)
            case wait(startsThread: Bool)
        }
        let next = state.withLock { state -> Next in
            // Cancellation that came before is seen here; one that comes later finds the waiter.
            if Task.isCancelled { return .resume(.failure(.waitCancelled)) }
            if state.isClosed { return .resume(.failure(.storeClosed)) }
            if state.isRunning, state.known > waiter.position { return .resume(.success(())) }
            state.waiters[key] = waiter
            defer { state.isRunning = true }
            return .wait(startsThread: !state.isRunning)
        }
        switch next {
        case .resume(let result): waiter.continuation.resume(returning: result)
        case .wait(startsThread: false): state.broadcast()
        case .wait(startsThread: true):
            do throws(StoreError) {
                try WorkerThread.start { [self] in follow() }
            } catch {
                let waiters = state.withLock { state in
                    state.isRunning = false
                    return state.takeAll()
                }
                for waiter in waiters { waiter.continuation.resume(returning: .failure(error)) }
            }
        }
    }

    /// Learns of an event that this process has appended, before the server tells.
    func learn(_ position: Position) {
        let ready = state.withLock { state -> [Waiter] in
            state.known = max(state.known, position)
            state.newsCount += 1
            return state.takeReady()
        }
        for waiter in ready { waiter.continuation.resume(returning: .success(())) }
    }

    /// How many wait.
    var waitingCount: Int { state.withLock { $0.waiters.count } }

    /// How much has been told until now: for a reader that is about to ask.
    var mark: UInt64 { state.withLock { $0.newsCount } }

    /// Learns where a reader has found the end, unless there was other news since it asked. It may be less than was known: a server that is
    /// master no more, and does not know it, has told the rest.
    func learn(last position: Position, since mark: UInt64) {
        let ready = state.withLock { state -> [Waiter] in
            if state.newsCount != mark || state.known == position { return [] }
            state.known = position
            return state.takeReady()
        }
        for waiter in ready { waiter.continuation.resume(returning: .success(())) }
    }

    /// Ends every wait with `closed`, and the thread.
    func close() {
        let (waiters, socket) = state.withLock { state -> ([Waiter], Socket?) in
            state.isClosed = true
            return (state.takeAll(), state.socket)
        }
        socket?.interrupt()
        state.broadcast()
        for waiter in waiters { waiter.continuation.resume(returning: .failure(.storeClosed)) }
    }

    /// The thread: asks the server again and again, until nobody waits any more.
    private func follow() {
        while true {
            do throws(CallFailure) {
                let time = CallTime(waitingWith: client.configuration)
                try client.perform("waiting for events", time) { connection throws(RedisFailure) in
                    try follow(on: connection)
                }
            } catch {
                let waiters = state.withLock { $0.takeAll() }
                for waiter in waiters { waiter.continuation.resume(returning: .failure(error.error)) }
            }
            // Ends under the lock, so that whoever comes next finds either this thread or none.
            let isOver = state.withLock { state -> Bool in
                if !state.waiters.isEmpty, !state.isClosed { return false }
                state.isRunning = false
                return true
            }
            if isOver { return }
        }
    }

    /// Asks on one connection, until nobody has waited for an interval.
    private func follow(on connection: RedisConnection) throws(RedisFailure) {
        let isOpen = state.withLock { state -> Bool in
            state.socket = connection.socket
            return !state.isClosed
        }
        defer { state.withLock { $0.socket = nil } }
        if !isOpen { return }
        // A failure here counts as an attempt that failed; one on a connection that has worked begins a new count.
        publish(try StoreHead.position(on: connection, keys))
        // Another connection may lead to another server.
        try prove(on: connection)
        do throws(RedisFailure) {
            while try followOnce(on: connection) {}
        } catch {
            switch error {
            case .connection: break
            case .server(let answer) where answer.isTemporary || answer.isRedirection: break
            default: throw error
            }
            client.pause(client.configuration.retryPauseFirst)
        }
    }

    /// Waits for somebody who waits, and then for an event, for an interval each.
    /// - Returns: false when nobody waits.
    private func followOnce(on connection: RedisConnection) throws(RedisFailure) -> Bool {
        let known = state.wait(for: Self.interval) { state -> Position? in
            if state.isClosed { return .beforeFirst }
            return state.waiters.isEmpty ? nil : state.known
        }
        guard let known, !state.withLock({ $0.isClosed }) else { return false }
        if let newer = try StoreHead.position(after: known, within: Self.interval, on: connection, keys) {
            publish(newer)
            // Somebody has read more than there is.
            if state.withLock({ $0.knowsMore(than: newer) }) { try prove(on: connection) }
        } else {
            // What the server says counts, also where it is less than what was known: a failover has lost the rest.
            publish(try StoreHead.position(on: connection, keys))
            try prove(on: connection)
        }
        return true
    }

    /// Asks whether the server still holds what those who wait have read, and wakes those for whom it does not: other events may be at the
    /// same positions, and never one behind.
    private func prove(on connection: RedisConnection) throws(RedisFailure) {
        let cursors = state.withLock { state in
            Set(state.waiters.values.map(\.cursor).filter { $0.eventID != nil && $0.position > .beforeFirst })
        }
        for cursor in cursors {
            var query = EventQuery(limit: 0)
            query.cursor = cursor
            guard let request = PageRequest(query, keys: keys) else { continue }
            let reply = try RedisScript.read.run(request.arguments, on: connection)
            do throws(StoreError) {
                _ = try request.answer(from: reply, of: "\(connection.address)")
            } catch {
                // The reader learns what it is when it reads on.
                let others = state.withLock { $0.take(cursor) }
                for waiter in others { waiter.continuation.resume(returning: .success(())) }
            }
        }
    }

    private func publish(_ position: Position) {
        let ready = state.withLock { state -> [Waiter] in
            state.known = position
            state.newsCount += 1
            return state.takeReady()
        }
        for waiter in ready { waiter.continuation.resume(returning: .success(())) }
    }
}

extension StoreError {
    static let waitCancelled = StoreError(
        .cancelled, "The task was cancelled while it waited for an event; wait again when it is needed.")
}
