// What the threads that use the commit queue share, under its lock. Commits are linked instead of being put into
// arrays, so that none is made for a group.

internal import Recall

/// The state of a commit queue.
struct CommitQueueState {
    /// Commits that one thread takes to the writer.
    struct Group: @unchecked Sendable {
        // Handed from the queue to whoever took the writer's role, who alone has it until it is finished.
        var commits: PendingList
    }

    enum Work: Sendable {
        case group(Group)
        case sync
        case stop
    }

    /// Commits that nobody has taken yet, in the order in which they came.
    var waiting = PendingList()
    /// Somebody has the writer's role.
    var isLed = false
    var isStopped = false
    /// Threads of callers that wait, for the role, an outcome or room.
    var waitingCallerCount = 0
    /// When what was written and not synced has to be synced, where the durability asks for that.
    var syncDeadline: ContinuousClock.Instant?

    /// A task that waits for room: resumed with true to try again, or with false when it has been cancelled.
    typealias AdmissionWaiter = UnsafeContinuation<Bool, Never>

    /// Tasks that wait for room.
    private var admissionWaiters = WaitingLine<AdmissionWaiter>()
    private var waiterKeyNext: UInt64 = 0
    private var admittedBytes = 0
    private var unused = PendingList()
    private var unusedCount = 0

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
        let pending: PendingCommit
        if let used = unused.removeFirst() {
            unusedCount -= 1
            pending = used
        } else {
            pending = PendingCommit()
        }
        pending.waiting.admittedBytes = size
        return pending
    }

    /// Takes an object back.
    /// - Returns: the task that waits longest for room.
    mutating func recycle(_ pending: PendingCommit) -> AdmissionWaiter? {
        admittedBytes -= pending.waiting.admittedBytes
        if unusedCount < Self.unusedCountMax {
            unused.append(pending)
            unusedCount += 1
        }
        return nextWaiter()
    }

    /// A number for a task that may have to wait for room.
    mutating func waiterKey() -> UInt64 {
        defer { waiterKeyNext += 1 }
        return waiterKeyNext
    }

    mutating func wait(_ key: UInt64, _ waiter: AdmissionWaiter) { admissionWaiters.append(waiter, key: key) }

    /// Lets a task go that does not want to wait any more; nil where it has been resumed already.
    mutating func leave(_ key: UInt64) -> AdmissionWaiter? { admissionWaiters.remove(key: key) }

    /// The task that waits longest for room, to be resumed with true.
    mutating func nextWaiter() -> AdmissionWaiter? { admissionWaiters.removeFirst() }

    // MARK: The writer's role

    /// Takes the role and all that waits, where the role is free.
    mutating func takeRole() -> Group? {
        guard !isLed, !waiting.isEmpty else { return nil }
        isLed = true
        let group = Group(commits: waiting)
        waiting = PendingList()
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
    /// - Returns: the tasks that waited for it.
    mutating func finish(_ group: Group?) -> [UnsafeContinuation<Void, Never>] {
        isLed = false
        var resumed: [UnsafeContinuation<Void, Never>] = []
        group?.commits.forEach { pending in
            pending.waiting.next = nil
            pending.waiting.isFinished = true
            if let continuation = pending.waiting.continuation {
                pending.waiting.continuation = nil
                resumed.append(continuation)
            }
        }
        return resumed
    }
}
