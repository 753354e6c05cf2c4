// What a log owes when its life ends: to the second one who closes it, to the disk, and to readers when the writer is gone.

import Recall
import RecallLog
import RecallTestKit
import RecallThreads
import Testing

@Suite struct OwedTests {
    /// Two parts of a program closed the same log, the second returned at once, and the program opened the store again, which was
    /// refused as locked, or ended, before the first close had synced anything.
    @Test(arguments: Bench.Kind.allCases)
    func secondCloseReturnsWhenTheFirstIsDone(_ kind: Bench.Kind) throws {
        struct Progress: Sendable {
            var isClosing = false
            var hasBegun = false
            var second: Result<[Int], StoreError>?
        }
        let bench = try Bench(kind)
        defer { bench.remove() }
        let progress = Monitor(Progress())
        let (logs, begun) = (Monitor<Log?>(nil), Timestamp(microsecondsSince1970: 1_764_000_000_000_000))
        // The first close asks for the time in its midst; then the second one comes.
        let log = try bench.open { configuration in
            configuration.clock = WallClock {
                let isMidst = progress.withLock { progress in
                    defer { progress.hasBegun = progress.isClosing }
                    return progress.isClosing && !progress.hasBegun
                }
                guard isMidst, let log = logs.withLock({ $0 }) else { return begun }
                try? WorkerThread.start {
                    let found = Result { () throws(StoreError) in
                        try log.closeBlocking()
                        return try bench.open().numbers()
                    }
                    progress.withLock { $0.second = found }
                    progress.broadcast()
                }
                // One that does not wait is done by then.
                _ = progress.wait(for: .milliseconds(100)) { $0.second.map { _ in true } }
                return begun
            }
        }
        logs.withLock { $0 = log }
        _ = try log.appendBlocking(Story.commit(1 ... 3, of: 1))
        progress.withLock { $0.isClosing = true }
        try log.closeBlocking()
        let second = progress.wait { $0.second }
        #expect(try second.get() == [1, 2, 3])
        logs.withLock { $0 = nil }
    }

    /// A tool appended with `interval`, let go of its log without a close and ended. What it had appended within the last
    /// interval was never synced, however long ago that was when the power failed.
    @Test(arguments: [Bench.Kind.simulated, .simulatedFile])
    func intervalLogThatIsDroppedSyncs(_ kind: Bench.Kind) throws {
        let bench = try Bench(kind, durability: .interval(.seconds(3600)))
        let disk = try #require(bench.disk as? SimulatedDisk)
        func live() throws {
            let log = try bench.open()
            for number in 1 ... 20 { _ = try log.appendBlocking(Story.commit(number ... number, of: 1)) }
        }
        try live()
        let found = Bench(bench, on: disk.crashLosingEverythingUnsynced())
        #expect(try found.open(.readOnly).numbers() == Array(1 ... 20))
    }

    /// A writer with `commit` died after a sync had failed. A reader showed what it had written and not synced; somebody acted on
    /// it, the power failed, and it was gone.
    @Test(arguments: [Bench.Kind.simulated, .simulatedFile], [false, true])
    func readerWithoutAWriterShowsWhatIsDurable(_ kind: Bench.Kind, isOpenBefore: Bool) throws {
        let bench = try Bench(kind)
        let disk = try #require(bench.disk as? SimulatedDisk)
        var reader: Log?
        func live() throws {
            // Without a thread, which would hold the lock for a moment longer.
            let log = try bench.open { $0.hasOwnThreads = false }
            _ = try log.appendBlocking(Story.commit(1 ... 1, of: 1))
            if isOpenBefore { reader = try bench.open(.readOnly) }
            disk.plan(SimulatedFault(.sync, number: 5))
            #expect(throws: StoreError.self) { try log.appendBlocking(Story.commit(2 ... 2, of: 1)) }
        }
        try live()
        let reading = try reader ?? bench.open(.readOnly)
        let seen = try reading.numbers()
        #expect(seen == [1, 2])
        let found = Bench(bench, on: disk.crashLosingEverythingUnsynced())
        #expect(try found.open(.readOnly).numbers() == seen)
    }

    /// The same on a disk that takes no sync: what is not known to be durable is not shown.
    @Test(arguments: [Bench.Kind.simulated, .simulatedFile])
    func readerThatCannotSyncShowsNoMoreThanIsDurable(_ kind: Bench.Kind) throws {
        let bench = try Bench(kind)
        let disk = try #require(bench.disk as? SimulatedDisk)
        func live() throws {
            // Without a thread, which would hold the lock for a moment longer.
            let log = try bench.open { $0.hasOwnThreads = false }
            _ = try log.appendBlocking(Story.commit(1 ... 1, of: 1))
            disk.plan(SimulatedFault(.sync, number: 5))
            #expect(throws: StoreError.self) { try log.appendBlocking(Story.commit(2 ... 2, of: 1)) }
        }
        try live()
        for number in 1 ... 8 { disk.plan(SimulatedFault(.sync, occurrence: number, number: 5)) }
        #expect(try bench.open(.readOnly).numbers() == [1])
        let found = Bench(bench, on: disk.crashLosingEverythingUnsynced())
        #expect(try found.open(.readOnly).numbers() == [1])
    }
}
