// What a backup holds, and that the next one copies only what is new.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import RecallThreads
import Synchronization
import Testing

@Suite struct BackupTests {
    @Test(arguments: Bench.Kind.allCases)
    func backupIsAStoreWithEverything(kind: Bench.Kind) throws {
        let store = try CopyStore(kind)
        defer { store.remove() }
        let events = try store.events()
        let segmentCount = try store.bench.files.list(store.bench.path + "/segments").count
        #expect(segmentCount >= 3)
        let result = try store.backup()
        #expect(result.position.rawValue == UInt64(events.count))
        #expect(result.previousPosition == .beforeFirst)
        #expect(result.copiedSegmentCount == segmentCount)
        #expect(result.keptSegmentCount == 0)
        try store.expectBackup(events)
        let copy = try Log.openBlocking(at: store.backupPath, access: .readOnly, disk: store.backupDisk)
        let original = try store.open(.readOnly)
        let inspection = try copy.inspect()
        let expected = try original.inspect()
        #expect(inspection.storeID == expected.storeID)
        #expect(inspection.wasClosedCleanly)
        #expect(inspection.segments == expected.segments)
        #expect(try store.backupDisk.list(store.backupPath + "/indexes").isEmpty)
    }

    @Test(arguments: Bench.Kind.allCases)
    func nothingIsCopiedTwice(kind: Bench.Kind) throws {
        let store = try CopyStore(kind)
        defer { store.remove() }
        let first = try store.backup()
        let files = try CopyStore.files(store.backupPath, store.backupDisk)
        let again = try store.backup()
        #expect(again.copiedSegmentCount == 0 && again.copiedByteCount == 0)
        #expect(again.keptSegmentCount == first.copiedSegmentCount)
        #expect(again.previousPosition == first.position && again.position == first.position)
        #expect(try CopyStore.files(store.backupPath, store.backupDisk) == files)
        try store.append(151 ... 160)
        let more = try store.backup()
        // The last segment has grown; the others stay.
        #expect(more.copiedSegmentCount == 1)
        #expect(more.copiedByteCount < 64 << 10)
        #expect(more.keptSegmentCount == first.copiedSegmentCount - 1)
        #expect(more.previousPosition == first.position && more.position > first.position)
        try store.expectBackup(try store.events())
        try store.append(161 ... 300)
        let most = try store.backup()
        #expect(most.keptSegmentCount == first.copiedSegmentCount - 1)
        #expect(most.copiedSegmentCount >= 3)
        try store.expectBackup(try store.events())
    }

    /// Counted with the calls to the disk: no segment that is there is opened for writing, written or synced.
    @Test func keptSegmentsAreNotWritten() throws {
        let store = try CopyStore(.simulated)
        try store.backup()
        try store.append(151 ... 160)
        let disk = try #require(store.backupDisk as? SimulatedDisk)
        let before = disk.mutationCount
        let result = try store.backup()
        #expect(result.keptSegmentCount >= 2)
        let paths = Set(disk.trace.filter { $0.mutationNumber > before }.map(\.path))
        for path in paths where path.hasSuffix(".segment.new") || path.hasSuffix(".segment") {
            #expect(path.contains(store.segmentPath(result.keptSegmentCount + 1, in: store.backupPath)))
        }
    }

    @Test(arguments: Bench.Kind.allCases)
    func backupOfAnEmptyStoreIsAnEmptyStore(kind: Bench.Kind) throws {
        let store = try CopyStore(kind, commitCount: 0)
        defer { store.remove() }
        try store.open().closeBlocking()
        #expect(try store.backup().position == .beforeFirst)
        try store.expectBackup([])
        try store.append(1 ... 3)
        #expect(try store.backup().position == 3)
        try store.expectBackup(try store.events())
    }

    @Test(arguments: [Durability.commit, .system])
    func openLogIsBackedUpUpToWhatReadersSee(durability: Durability) throws {
        let store = try CopyStore(.simulated, commitCount: 0)
        let log = try store.open(durability: durability)
        for number in 1 ... 70 { _ = try log.appendBlocking(CopyStore.commit(number)) }
        let result = try log.backup(
            to: store.backupPath, on: store.backupDisk, isStopped: { false }, progress: nil)
        #expect(result.position == (try log.lastPositionBlocking()))
        try store.expectBackup(try log.allEvents())
        // What the backup holds, the store cannot lose any more.
        let disk = try #require(store.disk as? SimulatedDisk).crashLosingEverythingUnsynced()
        let found = try CopyStore.events(at: store.bench.path, disk)
        #expect(found == (try CopyStore.events(at: store.backupPath, store.backupDisk)))
        for number in 71 ... 90 { _ = try log.appendBlocking(CopyStore.commit(number)) }
        try log.closeBlocking()
        try store.backup()
        try store.expectBackup(try store.events())
    }

    /// A killed process leaves commits that are with the system alone. A copy that held them would be ahead of the store after
    /// the next loss of power.
    @Test func whatAKilledProcessLeftIsDurableBeforeItIsCopied() throws {
        let store = try CopyStore(.simulated, commitCount: 20)
        let log = try store.open(durability: .system)
        for number in 21 ... 30 { _ = try log.appendBlocking(CopyStore.commit(number)) }
        let disk = try #require(store.disk as? SimulatedDisk).kill()
        try store.backup(from: disk)
        let found = disk.crashLosingEverythingUnsynced()
        #expect(
            try CopyStore.events(at: store.bench.path, found)
                == CopyStore.events(at: store.backupPath, store.backupDisk))
        _ = log
    }

    @Test(arguments: Bench.Kind.allCases)
    func segmentsThatWereRewrittenTakeThePlaceOfTheOld(kind: Bench.Kind) throws {
        let store = try RewriteStore(kind)
        defer { store.bench.remove() }
        let backupPath = store.bench.path + "-backup"
        defer { if !kind.isSimulated { try? FileManager.default.removeItem(atPath: backupPath) } }
        let first = try Log.backup(at: store.bench.path, on: store.disk, to: backupPath)
        let log = try store.open()
        log.finishHousekeeping()
        try log.closeBlocking()
        let rewritten = try store.rewritten(on: store.disk).filter(\.self).count
        #expect(rewritten >= 2)
        let second = try Log.backup(at: store.bench.path, on: store.disk, to: backupPath)
        #expect(second.copiedSegmentCount == rewritten)
        #expect(second.position == first.position)
        try CopyStore.expectStore(at: backupPath, store.disk, store.events)
        let third = try Log.backup(at: store.bench.path, on: store.disk, to: backupPath)
        #expect(third.copiedSegmentCount == 0)
    }

    /// The backup holds the beginning of a segment that has been sealed and rewritten since.
    @Test func tailThatWasRewrittenIsReplacedByTheWhole() throws {
        let bench = try Bench(.simulated)
        let backup = "/backup"
        var log = try bench.open { $0.isCompressing = false }
        for number in 1 ... 200 { _ = try log.appendBlocking(RewriteStore.commit(number)) }
        try log.closeBlocking()
        _ = try Log.backup(at: bench.path, on: bench.disk, to: backup)
        log = try bench.open { $0.isCompressing = false }
        for number in 201 ... 600 { _ = try log.appendBlocking(RewriteStore.commit(number)) }
        try log.closeBlocking()
        log = try bench.open { $0.isRewriting = true }
        log.finishHousekeeping()
        let events = try log.allEvents()
        try log.closeBlocking()
        let result = try Log.backup(at: bench.path, on: bench.disk, to: backup)
        #expect(result.keptSegmentCount == 0)
        try CopyStore.expectStore(at: backup, bench.disk, events)
    }

    /// A backup that was opened for appending has indexes; those of a segment that is replaced go before it.
    @Test func indexOfASegmentThatIsReplacedIsDeleted() throws {
        let store = try CopyStore(.simulated)
        let first = try store.backup()
        let log = try Log.openBlocking(at: store.backupPath, access: .openExisting, disk: store.backupDisk)
        // Look-ups by aggregate make the indexes that are missing.
        for number in 0 ..< 5 { _ = try log.statusBlocking(of: Story.aggregate(number)) }
        log.finishHousekeeping()
        try log.closeBlocking()
        let layout = DirectoryLayout(path: store.backupPath, disk: store.backupDisk, isReadOnly: true)
        let tail = UInt64(first.copiedSegmentCount)
        try layout.writeIndex(of: tail ... tail) { (file) throws(IndexBuildError) in
            do throws(DiskError) { try file.preallocate(size: 8192) } catch { throw .disk(error) }
        }
        #expect(layout.indexRanges().contains { $0.contains(tail) })
        try store.append(151 ... 300)
        #expect(try store.backup().copiedSegmentCount > 1)
        #expect(!layout.indexRanges().contains { $0.contains(tail) })
        try store.expectBackup(try store.events())
    }

    @Test(arguments: Bench.Kind.allCases)
    func progressGoesUpToTheEnd(kind: Bench.Kind) throws {
        let store = try CopyStore(kind)
        defer { store.remove() }
        let seen = Mutex<[CopyProgress]>([])
        _ = try Log.backup(
            at: store.bench.path, on: store.disk, to: store.backupPath, on: store.backupDisk
        ) { state in seen.withLock { $0.append(state) } }
        let states = seen.withLock { $0 }
        #expect(states.count >= 3)
        #expect(states.map(\.byteCount) == states.map(\.byteCount).sorted())
        #expect(states.last?.byteCount == states.last?.byteCountTotal)
    }

    @Test func asynchronousBackupIsTheSame() async throws {
        let store = try CopyStore(.real)
        defer { store.remove() }
        let log = try store.open()
        let result = try await log.backup(to: store.backupPath)
        #expect(result.position == (try await log.events.lastPosition()))
        try store.expectBackup(try log.allEvents())
        #expect(try log.backupBlocking(to: store.backupPath).copiedSegmentCount == 0)
        try await log.close()
        await #expect(throws: StoreError.self) { try await log.backup(to: store.backupPath) }
    }

    @Test func cancelledBackupLeavesWhatItCopied() throws {
        let store = try CopyStore(.simulated)
        let log = try store.open()
        let count = Atomic<Int>(0)
        let error = CopyStore.failure {
            try log.backup(
                to: store.backupPath, on: store.backupDisk,
                isStopped: { count.add(1, ordering: .relaxed).newValue > 2 }, progress: nil)
        }
        #expect(error?.code == .cancelled)
        let events = try log.allEvents()
        let part = try CopyStore.events(at: store.backupPath, store.backupDisk)
        #expect(!part.isEmpty && part.count < events.count)
        try store.expectBackup(Array(events.prefix(part.count)))
        try log.closeBlocking()
        try store.backup()
        try store.expectBackup(events)
    }

    @Test func backupEndsWhenItsTaskIsCancelled() async throws {
        let store = try CopyStore(.real)
        defer { store.remove() }
        let log = try store.open()
        let holder = Monitor<Task<BackupResult, any Error>?>(nil)
        let task = Task {
            try await log.backup(to: store.backupPath) { _ in
                // Once the test has put it there.
                holder.wait { $0 }.cancel()
            }
        }
        holder.withLock { $0 = task }
        holder.broadcast()
        let result = await task.result
        #expect(throws: StoreError.self) { try result.get() }
        #expect(CopyStore.failure { try result.get() }?.code == .cancelled)
        let events = try log.allEvents()
        let part = try CopyStore.events(at: store.backupPath, store.backupDisk)
        try store.expectBackup(Array(events.prefix(part.count)))
        #expect(try await log.backup(to: store.backupPath).position.rawValue == UInt64(events.count))
        try await log.close()
        try store.expectBackup(events)
    }
}
