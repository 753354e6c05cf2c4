// Who writes next. Callers put commits into the queue; one thread at a time has the writer's role and
// takes all that wait: that is group commit. A caller that may block takes the role itself when it is
// free, which spares a lone caller two changes of thread; asynchronous callers leave it to the
// writer's own thread when a sync is to be waited for.

package import Recall

/// Orders commits and hands them to the writer in groups.
package final class CommitQueue: Sendable {
    private struct State: Sendable {
        var pending: [PendingCommit] = []
        /// Somebody has the writer's role.
        var isLed = false
        var isStopped = false
        /// Threads of callers that wait, for the role or for an outcome.
        var waitingCallerCount = 0
        /// When what was written and not synced has to be synced, where the durability asks for that.
        var syncDeadline: ContinuousClock.Instant?

        mutating func takeRole() -> [PendingCommit]? {
            guard !isLed, !pending.isEmpty else { return nil }
            isLed = true
            defer { pending.removeAll(keepingCapacity: true) }
            return pending
        }
    }

    private enum Work: Sendable {
        case group([PendingCommit])
        case sync
        case stop
    }

    private let state = Monitor(State())
    private let writer: LogWriter
    private let syncInterval: Duration?
    /// Whether a commit waits for a sync, so that an asynchronous caller must not lead its own group.
    private let isSyncing: Bool

    package init(_ writer: LogWriter, durability: Durability) throws(StoreError) {
        self.writer = writer
        switch durability {
        case .commit: (isSyncing, syncInterval) = (true, nil)
        case .interval(let interval): (isSyncing, syncInterval) = (false, interval)
        case .system: (isSyncing, syncInterval) = (false, nil)
        }
        // The thread holds state and writer, not the queue, so that a log that is given up ends it.
        let (state, interval) = (state, syncInterval)
        try WorkerThread.start { Self.run(state, writer, interval) }
    }

    /// What the writer's own thread does.
    private static func run(_ state: Monitor<State>, _ writer: LogWriter, _ interval: Duration?) {
        while true {
            let take: (inout State) -> Work? = { state in
                if let deadline = state.syncDeadline, !state.isLed, ContinuousClock.now >= deadline {
                    state.isLed = true
                    state.syncDeadline = nil
                    return .sync
                }
                if let group = state.takeRole() { return .group(group) }
                return state.isStopped && !state.isLed ? .stop : nil
            }
            let work: Work?
            if let deadline = state.withLock({ $0.syncDeadline }) {
                work = state.wait(for: max(.zero, deadline - .now), until: take)
            } else {
                // Wakes as well when a caller that led its own group left something to sync.
                work = state.wait { state -> Work?? in
                    if let work = take(&state) { return .some(work) }
                    return state.syncDeadline != nil ? .some(nil) : nil
                }
            }
            switch work {
            case nil: continue
            case .stop?: return
            case .sync?: writer.sync()
            case .group(let group)?: writer.process(group)
            }
            release(state, writer, interval)
        }
    }

    /// Lets go of the writer's role.
    private static func release(_ state: Monitor<State>, _ writer: LogWriter, _ interval: Duration?) {
        let isSyncOwed = interval != nil && writer.isSyncOwed
        let isAwaited = state.withLock { state in
            state.isLed = false
            var isAwaited = !state.pending.isEmpty || state.waitingCallerCount > 0 || state.isStopped
            if let interval, isSyncOwed, state.syncDeadline == nil {
                state.syncDeadline = .now + interval
                isAwaited = true
            }
            return isAwaited
        }
        // Waking a thread costs more than a commit that need not wait for the disk.
        if isAwaited { state.broadcast() }
    }

    /// Appends while the caller's task is suspended, or at once where nothing has to be waited for.
    package func append(_ prepared: PreparedCommit) async throws(StoreError) -> CommitReceipt {
        let pending = PendingCommit(prepared)
        try enter(pending)
        if !isSyncing, let group = state.withLock({ $0.takeRole() }) {
            writer.process(group)
            Self.release(state, writer, syncInterval)
            if let outcome = pending.outcome { return try outcome.get() }
        } else {
            state.broadcast()
        }
        let result = await withCheckedContinuation { pending.resume($0) }
        return try result.get()
    }

    /// Appends while the caller's thread waits.
    package func appendBlocking(_ prepared: PreparedCommit) throws(StoreError) -> CommitReceipt {
        let pending = PendingCommit(prepared)
        try enter(pending)
        while true {
            let group = waitAsCaller { state -> [PendingCommit]?? in
                if pending.outcome != nil { return .some(nil) }
                return state.takeRole().map { .some($0) }
            }
            guard let group else { break }
            writer.process(group)
            Self.release(state, writer, syncInterval)
        }
        guard let outcome = pending.outcome else { throw .closedLog }
        return try outcome.get()
    }

    /// Waits, blocking, until `body` returns a value; asks without waiting first.
    private func waitAsCaller<Result: Sendable>(until body: (inout State) -> Result?) -> Result {
        let immediate = state.withLock { state -> Result? in
            if let result = body(&state) { return result }
            state.waitingCallerCount += 1
            return nil
        }
        if let immediate { return immediate }
        return state.wait { state -> Result? in
            guard let result = body(&state) else { return nil }
            state.waitingCallerCount -= 1
            return result
        }
    }

    private func enter(_ pending: PendingCommit) throws(StoreError) {
        let isStopped = state.withLock { state in
            if !state.isStopped { state.pending.append(pending) }
            return state.isStopped
        }
        if isStopped { throw .closedLog }
    }

    /// Takes the writer's role, blocking, does `body` and lets go.
    package func withWriter<Result, Failure: Error>(
        _ body: (LogWriter) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        waitAsCaller { state -> Void? in
            guard !state.isLed else { return nil }
            state.isLed = true
            return ()
        }
        defer { Self.release(state, writer, syncInterval) }
        return try body(writer)
    }

    /// Takes no more commits, and waits, blocking, for those that are on their way.
    package func stop() {
        state.withLock { $0.isStopped = true }
        state.broadcast()
        waitAsCaller { state in state.pending.isEmpty && !state.isLed ? () : nil }
    }

    /// Takes no more commits, without waiting.
    package func abandon() {
        state.withLock { $0.isStopped = true }
        state.broadcast()
    }
}

extension StoreError {
    static let closedLog = StoreError(.closed, "The log has been closed; open it again to go on.")
}
