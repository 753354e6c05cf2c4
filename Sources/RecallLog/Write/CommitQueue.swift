// Who writes next. Callers put commits into the queue; one thread at a time has the writer's role and
// takes all that wait: that is group commit. A caller that may block takes the role itself when it is
// free, which spares a lone caller two changes of thread; asynchronous callers leave it to the
// writer's own thread when a sync is to be waited for.
//
// Bounded: commits that are being prepared or wait are counted in bytes, and who comes when the limit is reached
// waits before its commit is encoded.

package import Recall
internal import RecallThreads

/// Orders commits and hands them to the writer in groups.
package final class CommitQueue: Sendable {
    let state = Monitor(CommitQueueState())
    private let writer: LogWriter
    private let configuration: LogConfiguration
    private let syncInterval: Duration?
    private let effort: PreparedDictionary.Effort
    /// Whether a commit waits for a sync, so that an asynchronous caller must not lead its own group.
    private let isSyncing: Bool

    package init(_ writer: LogWriter, configuration: LogConfiguration) throws(StoreError) {
        self.writer = writer
        self.configuration = configuration
        switch configuration.durability {
        case .commit: (isSyncing, syncInterval, effort) = (true, nil, .dense)
        case .interval(let interval): (isSyncing, syncInterval, effort) = (false, interval, .fast)
        case .system: (isSyncing, syncInterval, effort) = (false, nil, .fast)
        }
        guard configuration.hasOwnThreads else { return }
        if let syncInterval, writer.isSyncOwed {
            state.withLock { $0.syncDeadline = .now + syncInterval }
        }
        // The thread holds state and writer, not the queue, so that a log that is given up ends it.
        let (state, interval) = (state, syncInterval)
        try WorkerThread.start { Self.run(state, writer, interval) }
    }

    // MARK: Callers

    /// Appends while the caller's task is suspended, or at once where nothing has to be waited for.
    package func append(_ commit: Commit) async throws(StoreError) -> CommitReceipt {
        let size = Self.estimatedBytes(of: commit)
        var admitted = try state.withLock { (state) throws(StoreError) in
            try state.admit(size, queueBytesMax: configuration.queueBytesMax)
        }
        while admitted == nil {
            try await waitForRoom(size)
            let (pending, another) = try admitNext(size)
            admitted = pending
            another?.resume(returning: true)
        }
        guard let pending = admitted else { throw .closedLog }
        try prepare(pending, commit)
        if !isSyncing, let group = try enterAndLead(pending) {
            lead(group)
        } else if isSyncing {
            try await wait(for: pending, isEntered: false)
        } else {
            try await wait(for: pending, isEntered: true)
        }
        return try result(of: pending)
    }

    /// Appends while the caller's thread waits.
    package func appendBlocking(_ commit: Commit) throws(StoreError) -> CommitReceipt {
        let size = Self.estimatedBytes(of: commit)
        let pending = try waitAsCaller { [configuration] state -> Result<PendingCommit, StoreError>? in
            do throws(StoreError) {
                return try state.admit(size, queueBytesMax: configuration.queueBytesMax).map { .success($0) }
            } catch {
                return .failure(error)
            }
        }.get()
        try prepare(pending, commit)
        if let group = try enterAndLead(pending) { lead(group) }
        while true {
            let group = waitAsCaller { state -> CommitQueueState.Group?? in
                if pending.waiting.isFinished { return .some(nil) }
                return state.takeRole().map { .some($0) }
            }
            guard let group else { break }
            lead(group)
        }
        return try result(of: pending)
    }

    /// Appends commits as one group, while the caller's thread waits. They must fit into the queue together.
    package func appendTogetherBlocking(_ commits: [Commit]) -> [Result<CommitReceipt, StoreError>] {
        let entered = commits.map { commit in
            Result { () throws(StoreError) -> PendingCommit in
                let admitted = try state.withLock { (state) throws(StoreError) in
                    try state.admit(0, queueBytesMax: configuration.queueBytesMax)
                }
                guard let pending = admitted else { throw .closedLog }
                try prepare(pending, commit)
                return pending
            }
        }
        let group = state.withLock { state -> CommitQueueState.Group? in
            for case .success(let pending) in entered { state.waiting.append(pending) }
            return state.takeRole()
        }
        if let group { lead(group) }
        return entered.map { entry in
            entry.flatMap { pending in Result { () throws(StoreError) in try result(of: pending) } }
        }
    }

    /// Suspends the task until there may be room. A commit that is let in is not called off any more.
    private func waitForRoom(_ size: Int) async throws(StoreError) {
        let key = state.withLock { $0.waiterKey() }
        let mayTry = await withTaskCancellationHandler {
            await withUnsafeContinuation { (waiter: CommitQueueState.AdmissionWaiter) in
                let known = state.withLock { state -> Bool? in
                    // Cancellation that came before is seen here; one that comes later finds the waiter.
                    if Task.isCancelled { return false }
                    if state.isStopped || state.hasRoom(size, queueBytesMax: configuration.queueBytesMax) {
                        return true
                    }
                    state.wait(key, waiter)
                    return nil
                }
                if let known { waiter.resume(returning: known) }
            }
        } onCancel: {
            state.withLock { $0.leave(key) }?.resume(returning: false)
        }
        if !mayTry { throw .appendCancelled }
    }

    /// Lets in a task that waited; where that leaves room, another one may try, too.
    private func admitNext(
        _ size: Int
    ) throws(StoreError) -> (PendingCommit?, CommitQueueState.AdmissionWaiter?) {
        try state.withLock { (state) throws(StoreError) in
            let admitted = try state.admit(size, queueBytesMax: configuration.queueBytesMax)
            return (admitted, admitted == nil ? nil : state.nextWaiter())
        }
    }

    private static func estimatedBytes(of commit: Commit) -> Int {
        var count = 256
        for event in commit.events { count &+= 160 &+ event.payload.count }
        return count
    }

    private func prepare(_ pending: PendingCommit, _ commit: Commit) throws(StoreError) {
        do throws(StoreError) {
            try pending.withPrepared { (prepared) throws(StoreError) in
                try prepared.prepare(
                    commit, limits: configuration.limits, isCompressing: configuration.isCompressing,
                    writer.dictionary, effort: effort)
            }
        } catch {
            discard(pending)
            throw error
        }
    }

    /// Puts a commit into the queue and takes the writer's role, where that is free.
    /// - Returns: the group to lead; nil where somebody else leads, who will take the commit.
    private func enterAndLead(_ pending: PendingCommit) throws(StoreError) -> CommitQueueState.Group? {
        let (isStopped, group) = state.withLock { state -> (Bool, CommitQueueState.Group?) in
            if state.isStopped { return (true, nil) }
            state.waiting.append(pending)
            return (false, state.takeRole())
        }
        if isStopped {
            discard(pending)
            throw .closedLog
        }
        return group
    }

    /// Suspends the task until a commit is finished.
    private func wait(for pending: PendingCommit, isEntered: Bool) async throws(StoreError) {
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            let isAtOnce = state.withLock { state -> Bool in
                if pending.waiting.isFinished { return true }
                if !isEntered {
                    if state.isStopped {
                        pending.outcome = .failed(.closedLog)
                        return true
                    }
                    state.waiting.append(pending)
                }
                pending.waiting.continuation = continuation
                return false
            }
            if isAtOnce { continuation.resume() } else { state.broadcast() }
        }
        // What the writer did under the lock comes before what the caller reads, whichever thread goes on with the task.
        state.withLock { _ in }
    }

    private func result(of pending: PendingCommit) throws(StoreError) -> CommitReceipt {
        defer { discard(pending) }
        return try pending.result()
    }

    /// Gives back what a commit took of the queue's limit, and the object for the next one.
    private func discard(_ pending: PendingCommit) {
        pending.removeAll()
        let (waiter, isAwaited) = state.withLock { ($0.recycle(pending), $0.waitingCallerCount > 0) }
        waiter?.resume(returning: true)
        // A thread may be waiting for the room that this makes.
        if isAwaited { state.broadcast() }
    }

    // MARK: The writer's role

    private func lead(_ group: CommitQueueState.Group) {
        writer.process(group.commits)
        Self.release(state, writer, syncInterval, group)
    }

    /// What the writer's own thread does.
    private static func run(_ state: Monitor<CommitQueueState>, _ writer: LogWriter, _ interval: Duration?) {
        while true {
            let take: (inout CommitQueueState) -> CommitQueueState.Work? = { state in state.takeWork(at: .now)
            }
            let work: CommitQueueState.Work?
            if let deadline = state.withLock({ $0.syncDeadline }) {
                work = state.wait(for: max(.zero, deadline - .now), until: take)
            } else {
                // Wakes as well when a caller that led its own group left something to sync.
                work = state.wait { state -> CommitQueueState.Work?? in
                    if let work = take(&state) { return .some(work) }
                    return state.syncDeadline != nil ? .some(nil) : nil
                }
            }
            switch work {
            case nil: continue
            case .stop?:
                // What was on its way when the log was given up is owed as well.
                if interval != nil { writer.sync() }
                return
            case .sync?:
                writer.sync()
                release(state, writer, interval, nil)
            case .group(let group)?:
                writer.process(group.commits)
                release(state, writer, interval, group)
            }
        }
    }

    /// Lets go of the writer's role and tells those whose commits are done.
    private static func release(
        _ state: Monitor<CommitQueueState>, _ writer: LogWriter, _ interval: Duration?,
        _ group: CommitQueueState.Group?
    ) {
        let isSyncOwed = interval != nil && writer.isSyncOwed
        let (resumed, isAwaited) = state.withLock { state -> ([UnsafeContinuation<Void, Never>], Bool) in
            let resumed = state.finish(group)
            var isAwaited = !state.waiting.isEmpty || state.waitingCallerCount > 0 || state.isStopped
            if let interval, isSyncOwed, state.syncDeadline == nil {
                state.syncDeadline = .now + interval
                isAwaited = true
            }
            return (resumed, isAwaited)
        }
        // Waking a thread costs more than a commit that need not wait for the disk.
        if isAwaited { state.broadcast() }
        for continuation in resumed { continuation.resume() }
    }

    /// Waits, blocking, until `body` returns a value; asks without waiting first.
    private func waitAsCaller<Result: Sendable>(until body: (inout CommitQueueState) -> Result?) -> Result {
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

    /// Takes the writer's role, blocking, does `body` and lets go.
    package func withWriter<Result, Failure: Error>(
        _ body: (LogWriter) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        waitAsCaller { state -> Void? in
            guard !state.isLed else { return nil }
            state.isLed = true
            return ()
        }
        defer { Self.release(state, writer, syncInterval, nil) }
        return try body(writer)
    }

    /// Takes no more commits, and waits, blocking, for those that are on their way.
    package func stop() {
        abandon()
        waitAsCaller { state in state.waiting.isEmpty && !state.isLed ? () : nil }
    }

    /// Syncs what a log owes that is given up without a close, where its durability promised that.
    package func payOwed() {
        guard syncInterval != nil, configuration.hasOwnThreads else { return }
        withWriter { $0.sync() }
    }

    /// Takes no more commits, without waiting.
    package func abandon() {
        state.withLock { $0.isStopped = true }
        state.broadcast()
        while let waiter = state.withLock({ $0.nextWaiter() }) { waiter.resume(returning: true) }
    }
}

extension StoreError {
    fileprivate static let appendCancelled = StoreError(
        .cancelled,
        "The task was cancelled while its commit waited for room in the queue; nothing was written: append it again when it is wanted."
    )

    static let closedLog = StoreError(.closed, "The log has been closed; open it again to go on.")
}
