// Reading ahead on several threads with the order kept. Chunks are numbered in order; each has the slot of its number in a
// ring of batches, is claimed by one thread, read, and handed out by the caller in its turn. So no more is in
// memory than the ring has slots, and a slow caller stops the readers.

internal import Recall
internal import RecallThreads

/// The chunks of one replay, and who works on which.
///
/// `@unchecked Sendable`: a batch is touched by the thread that claimed its chunk until it is finished, and behind
/// that by the caller's alone until it is handed back; the monitor's lock stands between.
final class ReplayRing: @unchecked Sendable {
    /// What is to be done next.
    enum Work: Sendable {
        case read(ReplayChunk, number: Int)
        case deliver(number: Int)
        case end
    }

    private struct State: Sendable {
        var planner: ReplayPlanner
        var claimedCount = 0
        var deliveredCount = 0
        var isFinished: [Bool]
        var isStopped = false

        /// The next chunk, where there is one and a slot for it.
        mutating func claim() -> Work? {
            guard claimedCount < deliveredCount + isFinished.count, let chunk = planner.next() else {
                return nil
            }
            defer { claimedCount += 1 }
            isFinished[claimedCount % isFinished.count] = false
            return .read(chunk, number: claimedCount)
        }
    }

    private let state: Monitor<State>
    private let batches: UnsafeMutablePointer<ReplayBatch>
    private let slotCount: Int

    init(_ planner: ReplayPlanner, slotCount: Int) {
        state = Monitor(State(planner: planner, isFinished: Array(repeating: false, count: slotCount)))
        self.slotCount = slotCount
        batches = .allocate(capacity: slotCount)
        for slot in 0 ..< slotCount { (batches + slot).initialize(to: ReplayBatch()) }
    }

    deinit {
        batches.deinitialize(count: slotCount)
        batches.deallocate()
    }

    /// Lends the batch of a chunk to the thread whose turn it is.
    @inline(__always)
    func withBatch<Result: ~Copyable, Failure: Error>(
        _ number: Int, _ body: (inout ReplayBatch) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(&batches[number % slotCount])
    }

    /// What a reading thread does next; waits while there is nothing.
    func nextForReader() -> Work {
        state.wait { state in
            if state.isStopped { return .end }
            if let work = state.claim() { return work }
            return state.planner.isAtEnd ? .end : nil
        }
    }

    /// What the caller does next: hands out the batch whose turn it is, else helps to read.
    func nextForCaller() -> Work {
        state.wait { state in
            let number = state.deliveredCount
            if number < state.claimedCount, state.isFinished[number % state.isFinished.count] {
                return .deliver(number: number)
            }
            if let work = state.claim() { return work }
            return number == state.claimedCount ? .end : nil
        }
    }

    /// Says that a chunk is read.
    func finish(_ number: Int) {
        state.withLock { $0.isFinished[number % $0.isFinished.count] = true }
        state.broadcast()
    }

    /// Gives the slot of the chunk that was handed out to the next one.
    func handBack() {
        state.withLock { $0.deliveredCount += 1 }
        state.broadcast()
    }

    /// Ends the reading threads, each behind the chunk that it is at.
    func stop() {
        state.withLock { $0.isStopped = true }
        state.broadcast()
    }
}
