// What goes on beside the copying of bytes: telling how far it is, ending when it is told to, and leaving the disk to a
// writer. Copying works for at most a sixth of the time while a writer has the store; so even if no append went
// through meanwhile, appends would take a fifth longer in all. What is written is synced piece by piece, so that
// nothing is left for the pauses.

internal import Recall
internal import RecallThreads

/// The pace of one copy. Used by one thread.
final class CopyWork {
    private let isWritten: () -> Bool
    private let isStopped: @Sendable () -> Bool
    private let progress: (@Sendable (CopyProgress) -> Void)?
    private let pace: Pace
    private var startedAt: ContinuousClock.Instant
    private var byteCount = 0
    var byteCountTotal = 0

    /// How long a pause is, in times of the work before it.
    private static let pauseFactor = 5
    /// A pause is not longer, so that the end is not waited for when the disk hangs.
    private static let longestPause = Duration.seconds(5)

    /// What tells the time and lets it pass. A test gives its own, so that no machine's speed decides what it finds.
    struct Pace {
        var now: () -> ContinuousClock.Instant
        var pause: (Duration) -> Void

        /// The system's clock, and pauses of its thread.
        static var system: Pace {
            let waiting = Monitor(())
            return Pace(now: { .now }, pause: { waiting.wait(for: $0) { _ -> Void? in nil } })
        }
    }

    /// - Parameters:
    ///   - isWritten: whether a writer has the store that is copied.
    ///   - isStopped: whether the copying is to end.
    ///   - progress: is told how far it is.
    init(
        isWritten: @escaping () -> Bool, isStopped: @escaping @Sendable () -> Bool,
        progress: (@Sendable (CopyProgress) -> Void)?, pace: Pace = .system
    ) {
        self.isWritten = isWritten
        self.isStopped = isStopped
        self.progress = progress
        self.pace = pace
        startedAt = pace.now()
    }

    /// Says that so many bytes more are copied and synced, and pauses where a writer is at work.
    /// - Throws: `cancelled` when the copying is to end.
    func advance(_ count: Int) throws(StoreError) {
        byteCount += count
        try report()
        let worked = startedAt.duration(to: pace.now())
        if isWritten() { pace.pause(min(worked * Self.pauseFactor, Self.longestPause)) }
        startedAt = pace.now()
    }

    /// Says that all up to a count of bytes is done, since the total was but an estimate.
    func finish(at count: Int) throws(StoreError) {
        byteCount = count
        try report()
    }

    private func report() throws(StoreError) {
        progress?(
            CopyProgress(byteCount: byteCount, byteCountTotal: max(byteCount, byteCountTotal)))
        guard !isStopped() else {
            throw StoreError(
                .cancelled,
                "The task was cancelled while a store was copied; what was copied is kept, run it again to go on."
            )
        }
    }
}
