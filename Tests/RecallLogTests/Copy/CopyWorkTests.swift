// How much of the time copying works beside a writer: a sixth. The clock is the test's own, so that no machine's speed decides.

import Recall
import RecallThreads
import Synchronization
import Testing

@testable import RecallLog

@Suite struct CopyWorkTests {
    /// A clock that goes on with each piece of work and with each pause.
    private final class PacedClock {
        private(set) var now = ContinuousClock.now
        private(set) var worked = Duration.zero
        private(set) var pauses: [Duration] = []

        func work(_ duration: Duration) {
            now += duration
            worked += duration
        }

        var pace: CopyWork.Pace {
            CopyWork.Pace(
                now: { self.now },
                pause: {
                    self.pauses.append($0)
                    self.now += $0
                })
        }
    }

    private func work(
        _ clock: PacedClock, isWritten: Bool = true, isStopped: @escaping @Sendable () -> Bool = { false },
        progress: (@Sendable (CopyProgress) -> Void)? = nil
    ) -> CopyWork {
        CopyWork(isWritten: { isWritten }, isStopped: isStopped, progress: progress, pace: clock.pace)
    }

    @Test func copyingWorksForASixthOfTheTimeBesideAWriter() throws {
        let clock = PacedClock()
        let start = clock.now
        let work = work(clock)
        for milliseconds in [3, 20, 1, 700, 40] {
            clock.work(.milliseconds(milliseconds))
            try work.advance(1 << 20)
        }
        #expect(start.duration(to: clock.now) == clock.worked * 6)
        #expect(clock.pauses == [15, 100, 5, 3500, 200].map { .milliseconds($0) })
    }

    @Test func disksThatHangDoNotMakePausesOfMinutes() throws {
        let clock = PacedClock()
        let work = work(clock)
        clock.work(.seconds(60))
        try work.advance(1)
        #expect(clock.pauses == [.seconds(5)])
    }

    @Test func nothingIsWaitedForWhereNobodyWrites() throws {
        let clock = PacedClock()
        let work = work(clock, isWritten: false)
        clock.work(.seconds(1))
        try work.advance(1)
        #expect(clock.pauses == [])
    }

    @Test func copyingEndsWhenItIsToldTo() {
        let work = work(PacedClock(), isStopped: { true })
        let error = #expect(throws: StoreError.self) { try work.advance(1) }
        #expect(error?.code == .cancelled)
    }

    /// A backup pauses after each mebibyte at most: the longest work without a pause is what an append may have to wait for.
    @Test func aLargeSegmentIsCopiedInPiecesOfAMebibyte() throws {
        let bench = try Bench(.simulated, segmentBytesMax: 16 << 20)
        let log = try bench.open {
            $0.firstSegmentBytes = 16 << 20
            $0.isCompressing = false
            $0.durability = .system
        }
        for number in 1 ... 40 {
            _ = try log.appendBlocking(Commit(events: [Story.event(number, of: 1, padding: 100_000)]))
        }
        try log.closeBlocking()
        let counts = Mutex<[Int]>([])
        _ = try Log.backup(at: bench.path, on: bench.disk, to: "/backup") { progress in
            counts.withLock { $0.append(progress.byteCount) }
        }
        let steps = counts.withLock { counts in zip(counts, counts.dropFirst()).map { $1 - $0 } }
        #expect(steps.count >= 3)
        #expect(steps.allSatisfy { $0 <= 1 << 20 }, "\(steps)")
    }
}
