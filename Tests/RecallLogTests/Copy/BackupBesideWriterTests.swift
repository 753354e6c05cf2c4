// Backups while a writer appends, seals and rewrites: each is a beginning of the store with whole commits, no shorter than what readers
// could see when it began, and goes on where the one before ended.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import RecallThreads
import Synchronization
import Testing

@Suite struct BackupBesideWriterTests {
    /// What the writing thread is told and tells.
    private struct Writer: Sendable {
        var count = 0
        var countMax = 0
        var isStopped = false
        var isDone = false
        var failure: StoreError?

        /// The next commit, or the end; nil while there is neither.
        var next: Step? {
            if isStopped { return .end }
            return count < countMax ? .append(count + 1) : nil
        }
    }

    private enum Step: Sendable { case append(Int), end }

    @Test(arguments: Bench.Kind.allCases, [false, true])
    func backupsBesideAWriterAreBeginnings(kind: Bench.Kind, isRewriting: Bool) throws {
        let store = try CopyStore(kind, commitCount: 0)
        defer { store.remove() }
        let log = try store.bench.open {
            $0.durability = .system
            $0.isCompressing = isRewriting
            $0.isRewriting = isRewriting
            $0.rewriteGainMin = 0.01
        }
        let writer = Monitor(Writer())
        try WorkerThread.start {
            do throws(StoreError) {
                while case .append(let number) = writer.wait(until: { $0.next }) {
                    _ = try log.appendBlocking(RewriteStore.commit(number))
                    writer.withLock { $0.count = number }
                    writer.broadcast()
                }
            } catch { writer.withLock { $0.failure = error } }
            writer.withLock { $0.isDone = true }
            writer.broadcast()
        }
        var positions: [UInt64] = []
        for _ in 0 ..< 12 {
            // It is at work when the backup begins, and has enough to do meanwhile.
            let count = writer.withLock { writer in
                writer.countMax += 300
                return writer.count
            }
            writer.broadcast()
            writer.wait { $0.count > count || $0.isDone ? () : nil }
            let visible = try log.lastPositionBlocking()
            // By path and of the open log, in turns.
            let result =
                positions.count % 2 == 0
                ? try store.backup()
                : try log.backup(
                    to: store.backupPath, on: !kind.isSimulated ? nil : store.backupDisk,
                    isStopped: { false },
                    progress: nil)
            #expect(result.position >= visible)
            #expect(result.previousPosition.rawValue == positions.last ?? 0)
            positions.append(result.position.rawValue)
            let events = try CopyStore.events(at: store.backupPath, store.backupDisk)
            #expect(events.count == Int(result.position.rawValue))
        }
        writer.withLock { $0.isStopped = true }
        writer.broadcast()
        writer.wait { $0.isDone ? () : nil }
        #expect(writer.withLock { $0.failure } == nil)
        #expect(positions == positions.sorted() && (positions.last ?? 0) > 0)
        log.finishHousekeeping()
        try log.closeBlocking()
        let events = try store.events()
        let count = Int(positions.last ?? 0)
        try store.expectBackup(Array(events.prefix(count)))
        try store.backup()
        try store.expectBackup(events)
    }

    /// A writer that comes while the end is looked for may have written what it has not published: nobody was promised that.
    @Test func whatAWriterThatComesHasNotPublishedIsNotCopied() throws {
        // Too few for an index, which would vouch for all of them.
        let store = try CopyStore(.simulated, commitCount: 12)
        let published = try #require(StoredCommit.all(in: store.bench.path, store.disk).dropFirst(7).first)
        let end = published.positions.upperBound
        let lock = Mutex<StoreLock?>(nil)
        let disk = store.disk
        let path = store.bench.path
        let watched = WatchedDisk(disk, listing: path + "/segments") {
            let layout = DirectoryLayout(path: path, disk: disk, isReadOnly: false)
            let taken = try? StoreLock(layout, processID: 1)
            taken?.page.publish(end)
            lock.withLock { $0 = taken }
        }
        let events = try store.events()
        let result = try store.backup(from: watched)
        #expect(lock.withLock { $0 != nil })
        #expect(result.position.rawValue == end)
        try store.expectBackup(Array(events.prefix(Int(end))))
        lock.withLock { $0 = nil }
        try store.backup()
        try store.expectBackup(events)
    }

    /// Segments are rewritten while the backup that begins with the old ones goes on.
    @Test func segmentsThatAreRewrittenMeanwhileDoNotBreakABackup() throws {
        let store = try RewriteStore(.simulated)
        let isDone = Atomic<Bool>(false)
        let target = SimulatedDisk()
        let result = try Log.backup(at: store.bench.path, on: store.disk, to: "/backup", on: target) { _ in
            guard !isDone.exchange(true, ordering: .relaxed), let log = try? store.open() else { return }
            log.finishHousekeeping()
            try? log.closeBlocking()
        }
        let rewritten = try store.rewritten(on: store.disk)
        #expect(rewritten.filter(\.self).count >= 2)
        let layout = DirectoryLayout(path: "/backup", disk: target, isReadOnly: true)
        let copied = try rewritten.indices.map {
            try layout.segmentHeader(UInt64($0) + 1, storeID: nil).isRewritten
        }
        // The first was copied before, the next ones after.
        #expect(!copied[0] && copied[1])
        #expect(result.position.rawValue == UInt64(store.events.count))
        try CopyStore.expectStore(at: "/backup", target, store.events)
        _ = try Log.backup(at: store.bench.path, on: store.disk, to: "/backup", on: target)
        try CopyStore.expectStore(at: "/backup", target, store.events)
    }

    /// Whoever reads the backup while the next one goes on sees what it held.
    @Test func readerOfTheBackupSeesTheEarlierOneMeanwhile() throws {
        let store = try CopyStore(.simulated, commitCount: 70)
        try store.backup()
        let earlier = try store.events()
        try store.append(71 ... 200)
        let events = try store.events()
        let counts = Mutex<[Int]>([])
        _ = try Log.backup(
            at: store.bench.path, on: store.disk, to: store.backupPath, on: store.backupDisk
        ) { _ in
            let found = (try? CopyStore.events(at: store.backupPath, store.backupDisk)) ?? []
            counts.withLock { $0.append(found == Array(events.prefix(found.count)) ? found.count : -1) }
        }
        let seen = counts.withLock { $0 }
        #expect(seen.count >= 3 && seen.allSatisfy { $0 >= earlier.count })
        #expect(seen == seen.sorted())
    }
}
