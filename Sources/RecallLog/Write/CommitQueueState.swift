// What the threads that use the commit queue share, under its lock. Arrays change places instead of being made, so
// that a commit allocates nothing.

internal import Recall

/// The state of a commit queue.
struct CommitQueueState: Sendable {
    enum Work: Sendable {
        case group([PendingCommit])
        case sync
        case stop
    }

    /// Commits that nobody has taken yet, in the order in which they came.
    var waiting: [PendingCommit] = []
    /// Somebody has the writer's role.
    var isLed = false
    var isStopped = false
    /// Threads of callers that wait, for the role, an outcome or room.
    var waitingCallerCount = 0
    /// When what was written and not synced has to be synced, where the durability asks for that.
    var syncDeadline: ContinuousClock.Instant?

    /// Tasks that wait for room.
    var admissionWaiters: [UnsafeContinuation<Void, Never>] = []
    private var admittedBytes = 0
    private var unused: [PendingCommit] = []
    private var emptyGroup: [PendingCommit] = []
    private var resumed: [UnsafeContinuation<Void, Never>] = []

    /// So many objects are kept for commits to come.
    private static let unusedCountMax = 256

    // MARK: Room

    /// Whether a commit may come in: always when there is no other, since no limit may keep a large one out for ever.
    func hasRoom(_ size: Int, queueBytesMax: Int) -> Bool {
        admittedBytes == 0 || admittedBytes + size <= queueBytesMax
    }

    /// An object for a commit; nil where there is no room at present.
    mutating func admit(_ size: Int, queueBytesMax: Int) throws(StoreError) -> PendingCommit? {
        if isStopped { throw .closedLog }
        guard hasRoom(size, queueBytesMax: queueBytesMax) else { return nil }
        admittedBytes += size
        let pending = unused.popLast() ?? PendingCommit()
        pending.admittedBytes = size
        return pending
    }

    /// Takes an object back.
    /// - Returns: the task that waits longest for room.
    mutating func recycle(_ pending: PendingCommit) -> UnsafeContinuation<Void, Never>? {
        admittedBytes -= pending.admittedBytes
        if unused.count < Self.unusedCountMax { unused.append(pending) }
        return admissionWaiters.isEmpty ? nil : admissionWaiters.removeFirst()
    }

    // MARK: The writer's role

    /// Takes the role and all that waits, where the role is free.
    mutating func takeRole() -> [PendingCommit]? {
        guard !isLed, !waiting.isEmpty else { return nil }
        isLed = true
        let group = waiting
        waiting = emptyGroup
        emptyGroup = []
        return group
    }

    /// What there is to do for the writer's own thread.
    mutating func takeWork(at now: ContinuousClock.Instant) -> Work? {
        if let deadline = syncDeadline, !isLed, now >= deadline {
            isLed = true
            syncDeadline = nil
            return .sync
        }
        if let group = takeRole() { return .group(group) }
        return isStopped && !isLed ? .stop : nil
    }

    /// Gives the role back, and says of a group that it is done.
    mutating func finish(_ group: consuming [PendingCommit]) {
        isLed = false
        for index in group.indices {
            let pending = group[index]
            pending.isFinished = true
            if let continuation = pending.continuation {
                pending.continuation = nil
                resumed.append(continuation)
            }
        }
        group.removeAll(keepingCapacity: true)
        emptyGroup = group
    }

    mutating func takeResumed() -> [UnsafeContinuation<Void, Never>] {
        let taken = resumed
        resumed = []
        return taken
    }

    /// Keeps an array's memory for the next group.
    mutating func giveBack(_ array: consuming [UnsafeContinuation<Void, Never>]) {
        guard resumed.isEmpty else { return }
        array.removeAll(keepingCapacity: true)
        resumed = array
    }
}
