// A store in memory: for tests, for what need not last, and as the reference of what a store does.
// One lock guards everything; nothing is awaited under it, so it is held for a short time only.

internal import Synchronization

/// Keeps events in memory, as long as the object lives. Nothing is durable.
public final class MemoryEventStore: EventStore {
    private let state = Mutex(State())
    private let clock: WallClock
    private let limits: StoreLimits

    /// - Parameters:
    ///   - clock: gives events without a time of their own the moment of their commit.
    ///   - limits: the sizes that are accepted at most.
    public init(clock: WallClock = .system, limits: StoreLimits = .standard) {
        self.clock = clock
        self.limits = limits
    }

    /// Stores a commit whole, or not at all. Nothing is durable on return: readers of this object see it.
    /// - Throws: `conflict`, `eventIDReused`, `duplicateEventID`, `limitExceeded`, `invalidArgument` or
    ///   `closed`; nothing was stored then.
    public func append(_ commit: Commit) async throws(StoreError) -> CommitReceipt {
        try limits.check(commit)
        let (result, woken) = state.withLock {
            state -> (Result<CommitReceipt, StoreError>, [Waiter]) in
            do throws(StoreError) {
                try state.checkOpen()
                // Under the lock, so that commits have their times in the order of their positions.
                let receipt = try state.append(commit, at: clock.now())
                return (.success(receipt), state.takeWaiters())
            } catch {
                return (.failure(error), [])
            }
        }
        for waiter in woken { waiter.continuation.resume(returning: .success(())) }
        return try result.get()
    }

    /// Reads a page of what is stored at the moment of the call.
    /// - Throws: `invalidArgument` for a negative limit or a page of less than one event; `anotherHistory` where the query's cursor
    ///   knows another event; `closed`.
    public func read(_ query: EventQuery) async throws(StoreError) -> EventPage {
        try query.check()
        return try locked { state throws(StoreError) in try state.read(query) }
    }

    /// What is known about an aggregate or child entity; nil when no event ever touched it.
    /// - Throws: `closed`.
    public func status(of aggregate: AggregateID) async throws(StoreError) -> AggregateStatus? {
        try locked { state throws(StoreError) in state.status(of: aggregate) }
    }

    /// The position of the last event, which readers see at once; 0 in an empty store.
    /// - Throws: `closed`.
    public func lastPosition() async throws(StoreError) -> Position {
        try locked { state throws(StoreError) in state.lastPosition }
    }

    /// Waits until an event behind `position` is stored in this object. Returns at once where there is one.
    /// - Throws: `cancelled` when the task is cancelled, `closed` when the store is closed.
    public func waitForEvent(after position: Position) async throws(StoreError) {
        let key = state.withLock { state in
            state.waiterKeyNext += 1
            return state.waiterKeyNext
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let known = state.withLock { state -> Result<Void, StoreError>? in
                    // Cancellation that came before is seen here; one that comes later finds the waiter.
                    if Task.isCancelled { return .failure(.waitCancelled) }
                    if state.isClosed { return .failure(.storeClosed) }
                    if state.lastPosition > position { return .success(()) }
                    state.waiters[key] = Waiter(position: position, continuation: continuation)
                    return nil
                }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: key) }
            waiter?.continuation.resume(returning: .failure(.waitCancelled))
        }
        try result.get()
    }

    /// Ends every wait with `closed` and refuses all further calls. Closing again does nothing.
    public func close() {
        let waiters = state.withLock { state in
            state.isClosed = true
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.continuation.resume(returning: .failure(.storeClosed)) }
    }

    private func locked<T: Sendable>(
        _ body: (inout State) throws(StoreError) -> T
    ) throws(StoreError) -> T {
        try state.withLock { state throws(StoreError) in
            try state.checkOpen()
            return try body(&state)
        }
    }
}

extension MemoryEventStore {
    fileprivate struct Waiter: Sendable {
        var position: Position
        var continuation: CheckedContinuation<Result<Void, StoreError>, Never>
    }

    fileprivate struct State: Sendable {
        var events = MemoryEventLog()
        var waiters: [UInt64: Waiter] = [:]
        var waiterKeyNext: UInt64 = 0
        var isClosed = false

        var lastPosition: Position { events.lastPosition }

        func checkOpen() throws(StoreError) {
            if isClosed { throw .storeClosed }
        }

        func read(_ query: EventQuery) throws(StoreError) -> EventPage { try events.read(query) }

        func status(of aggregate: AggregateID) -> AggregateStatus? { events.status(of: aggregate) }

        mutating func append(_ commit: Commit, at now: Timestamp) throws(StoreError) -> CommitReceipt {
            try events.append(commit, at: now)
        }

        /// Removes the waiters whose event can be read now.
        mutating func takeWaiters() -> [Waiter] {
            if waiters.isEmpty { return [] }
            let ready = waiters.filter { lastPosition > $0.value.position }
            for key in ready.keys { waiters.removeValue(forKey: key) }
            return Array(ready.values)
        }
    }
}

extension StoreError {
    fileprivate static let waitCancelled = StoreError(
        .cancelled, "The task was cancelled while it waited for an event; wait again when it is needed.")

    fileprivate static let storeClosed = StoreError(
        .closed, "The store in memory has been closed; use one that is open.")
}
