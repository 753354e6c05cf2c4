// A restored store is the backup as it was at a position or a time, can be appended to, and overwrites nothing.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Synchronization
import Testing

@Suite struct RestoreTests {
    /// The commits of a store, and its events, in order.
    private static func history(
        _ path: String, _ disk: any Disk
    ) throws -> (commits: [StoredCommit], events: [RecordedEvent]) {
        (try StoredCommit.all(in: path, disk), try CopyStore.events(at: path, disk))
    }

    @Test(arguments: Bench.Kind.allCases)
    func everythingIsRestored(kind: Bench.Kind) throws {
        let store = try CopyStore(kind)
        defer { store.remove() }
        try store.backup()
        let events = try store.events()
        let result = try store.restore()
        #expect(result.position.rawValue == UInt64(events.count))
        #expect(result.dividedCommit == nil)
        #expect(result.verification.isWhole && result.verification.eventCount == events.count)
        try CopyStore.expectStore(at: store.restoredPath, store.backupDisk, events)
        #expect(try store.backupDisk.list(store.restoredPath + "/indexes").isEmpty)
        #expect(try store.backupDisk.kind(of: store.restoredPath + "/store.restore") == nil)
        // It goes on where the backup ends, and a backup of it goes on in the same place.
        let log = try Log.openBlocking(
            at: store.restoredPath, access: .openExisting, configuration: store.bench.configuration,
            disk: store.backupDisk)
        for number in 151 ... 230 { _ = try log.appendBlocking(CopyStore.commit(number)) }
        let more = try log.allEvents()
        try log.closeBlocking()
        #expect(Array(more.prefix(events.count)) == events && more.count > events.count)
        try CopyStore.expectStore(at: store.restoredPath, store.backupDisk, more)
        _ = try Log.backup(at: store.restoredPath, on: store.backupDisk, to: store.backupPath)
        try store.expectBackup(more)
    }

    /// Every position of a store of several segments, sessions and commits of several events.
    @Test func everyPositionIsRestored() throws {
        let store = try CopyStore(.simulated, commitCount: 70)
        try store.append(71 ... 130)
        try store.backup()
        let disk = try #require(store.backupDisk as? SimulatedDisk)
        let (commits, events) = try Self.history(store.backupPath, disk)
        #expect(Set(commits.map(\.segment)).count >= 3)
        let ends = Set(commits.map(\.positions.upperBound))
        for position in 1 ... UInt64(events.count) {
            let comment: Comment = "position \(position)"
            let target = SimulatedDisk()
            let result = try store.restore(upTo: .position(Position(position)), on: target)
            let expected = ends.filter { $0 <= position }.max() ?? 0
            #expect(result.position.rawValue == expected, comment)
            let divided = commits.first {
                $0.positions.contains(position) && $0.positions.upperBound > position
            }
            #expect(
                result.dividedCommit.map { $0.lowerBound.rawValue ... $0.upperBound.rawValue }
                    == divided?.positions, comment)
            try CopyStore.expectStore(
                at: store.restoredPath, target, Array(events.prefix(Int(expected))), comment)
        }
    }

    @Test func everyTimeIsRestored() throws {
        let store = try CopyStore(.simulated, commitCount: 130)
        try store.backup()
        let (commits, events) = try Self.history(store.backupPath, store.backupDisk)
        let times = commits.map(\.time)
        #expect(times == times.sorted())
        for time in Set(times.flatMap { [$0 - 1, $0, $0 + 1] }).sorted() {
            let comment: Comment = "time \(time)"
            let target = SimulatedDisk()
            let moment = Timestamp(microsecondsSince1970: time)
            let result = try store.restore(upTo: .time(moment), on: target)
            let count = commits.filter { $0.time <= time }.reduce(0) { $0 + $1.events.count }
            #expect(result.position.rawValue == UInt64(count), comment)
            #expect(result.dividedCommit == nil, comment)
            try CopyStore.expectStore(
                at: store.restoredPath, target, Array(events.prefix(count)), comment)
        }
    }

    /// Commits of one time are there together or not at all, across segments, too.
    @Test func commitsOfOneTimeAreNotDivided() throws {
        let bench = try Bench(.simulated)
        let log = try bench.open {
            $0.clock = WallClock { Timestamp(microsecondsSince1970: 5_000_000) }
        }
        for number in 1 ... 130 { _ = try log.appendBlocking(CopyStore.commit(number)) }
        let events = try log.allEvents()
        try log.closeBlocking()
        for (time, count) in [(4_999_999, 0), (5_000_000, events.count)] {
            let target = SimulatedDisk()
            let result = try Log.restore(
                from: bench.path, on: bench.disk, to: "/restored", on: target,
                upTo: .time(Timestamp(microsecondsSince1970: Int64(time))))
            #expect(result.position.rawValue == UInt64(count))
            try CopyStore.expectStore(at: "/restored", target, Array(events.prefix(count)))
        }
    }

    /// Preallocated space that holds the very frames that were cut off must not bring them back.
    @Test(arguments: [Bench.Kind.real, .simulated])
    func storeThatWasCutGoesOn(kind: Bench.Kind) throws {
        let store = try CopyStore(kind)
        defer { store.remove() }
        try store.backup()
        let (commits, events) = try Self.history(store.backupPath, store.backupDisk)
        for (index, commit) in [commits[3], commits[70], commits[100], commits[148]].enumerated() {
            let end = commit.positions.upperBound
            let path = store.restoredPath + "-\(index)"
            defer { if kind == .real { try? FileManager.default.removeItem(atPath: path) } }
            _ = try store.restore(upTo: .position(Position(end)), to: path)
            for session in 0 ..< 3 {
                let log = try Log.openBlocking(
                    at: path, access: .openExisting, configuration: store.bench.configuration,
                    disk: store.backupDisk)
                for number in 0 ..< 40 {
                    _ = try log.appendBlocking(CopyStore.commit(1000 + session * 100 + number))
                }
                try log.closeBlocking()
            }
            let found = try CopyStore.events(at: path, store.backupDisk)
            #expect(Array(found.prefix(Int(end))) == Array(events.prefix(Int(end))))
            #expect(found.count == Int(end) + 3 * 60)
            try CopyStore.expectStore(at: path, store.backupDisk, found)
        }
    }

    @Test func staleSpaceDoesNotBringCutCommitsBack() throws {
        let store = try CopyStore(.simulated, commitCount: 40)
        try store.backup()
        let (commits, events) = try Self.history(store.backupPath, store.backupDisk)
        let file = try store.backupDisk.open(store.segmentPath(1, in: store.backupPath), .readOnly)
        // New space of this disk holds what the segment's file held, at the same offsets.
        var options = SimulatedDisk.Options()
        options.staleBytes = try DiskBytes.read(file, count: 64 << 10).withBytes {
            $0.withUnsafeBytes { Array($0) }
        }
        let target = SimulatedDisk(options: options)
        let end = commits[20].positions.upperBound
        _ = try store.restore(upTo: .position(Position(end)), on: target)
        try CopyStore.expectStore(at: store.restoredPath, target, Array(events.prefix(Int(end))))
    }

    /// A rewritten segment is as large as its frames: where it is cut in front of its seal, there must be room to go on.
    @Test func storeThatWasCutInARewrittenSegmentGoesOn() throws {
        let store = try RewriteStore(.simulated)
        let log = try store.open()
        log.finishHousekeeping()
        try log.closeBlocking()
        let commits = try StoredCommit.all(in: store.bench.path, store.disk)
        let sealed = try (1 ... store.segmentNames().count).filter {
            try store.header($0, on: store.disk).isRewritten
        }
        #expect(sealed.count >= 2)
        for segment in sealed {
            let own = commits.filter { $0.segment == UInt64(segment) }
            for commit in own.suffix(3) + own.prefix(1) {
                let end = commit.positions.upperBound
                let comment: Comment = "segment \(segment), position \(end)"
                let target = SimulatedDisk()
                _ = try Log.restore(
                    from: store.bench.path, on: store.disk, to: "/restored", on: target,
                    upTo: .position(Position(end)))
                try CopyStore.expectStore(
                    at: "/restored", target, Array(store.events.prefix(Int(end))), comment)
                for session in 0 ..< 2 {
                    let log = try Log.openBlocking(
                        at: "/restored", access: .openExisting, configuration: store.bench.configuration,
                        disk: target)
                    for number in 0 ..< 30 {
                        _ = try log.appendBlocking(CopyStore.commit(2000 + session * 100 + number))
                    }
                    try log.closeBlocking()
                }
                let found = try CopyStore.events(at: "/restored", target)
                #expect(Array(found.prefix(Int(end))) == Array(store.events.prefix(Int(end))), comment)
                try CopyStore.expectStore(at: "/restored", target, found, comment)
            }
        }
    }

    /// A file that ends with its seal, as one that was rewritten may.
    @Test func segmentWithoutRoomBehindItsSealIsCutAndGoesOn() throws {
        let bench = try Bench(.simulated, segmentBytesMax: 128 << 10)
        // How many fill the segment depends on their times, which a machine in no hurry made longer than another.
        let clock = SteppingClock()
        let log = try bench.open { $0.clock = clock.clock }
        // Small ones, so that a commit leaves less room than is kept for session frames.
        for number in 1 ... 2500 { _ = try log.appendBlocking(Story.commit(number ... number, of: 1)) }
        let events = try log.allEvents()
        try log.closeBlocking()
        let layout = DirectoryLayout(path: bench.path, disk: bench.disk, isReadOnly: true)
        let storeID = try #require(try layout.readStoreHeader()).storeID
        let segment = try layout.openSegment(1, storeID: storeID)
        let walk = try SegmentWalk(segment, from: IndexCoverage(startOf: segment.header)) { _, _ in }
        #expect(walk.ending == .sealed)
        var header = segment.header
        header.capacity = walk.chain.offset
        var copies = ByteWriter()
        header.encode(to: &copies)
        let bytes = copies.withBytes { $0.withUnsafeBytes { Array($0) } }
        let path = bench.path + "/segments/0000000001.segment"
        try bench.disk.open(path, .readWrite).write(bytes.span.bytes, at: 0)
        let commits = try StoredCommit.all(in: bench.path, bench.disk).filter { $0.segment == 1 }
        for commit in commits.suffix(3) {
            let end = commit.positions.upperBound
            let target = SimulatedDisk()
            _ = try Log.restore(
                from: bench.path, on: bench.disk, to: "/restored", on: target,
                upTo: .position(Position(end)))
            let restored = try DirectoryLayout(path: "/restored", disk: target, isReadOnly: true)
                .openSegment(1, storeID: storeID).header
            #expect(
                commit.endOffset + Format.sealReserve <= restored.capacity
                    || end == commits.last?.positions.upperBound)
            for number in 3001 ... 3040 {
                let log = try Log.openBlocking(
                    at: "/restored", access: .openExisting, configuration: bench.configuration, disk: target)
                _ = try log.appendBlocking(CopyStore.commit(number))
                try log.closeBlocking()
            }
            let found = try CopyStore.events(at: "/restored", target)
            #expect(Array(found.prefix(Int(end))) == Array(events.prefix(Int(end))))
            #expect(found.count == Int(end) + 60)
            try CopyStore.expectStore(at: "/restored", target, found, "position \(end)")
        }
    }

    /// Neither room nor a rewritten file is needed for a store that is in use to be restored elsewhere.
    @Test(arguments: Bench.Kind.allCases)
    func storeInUseIsRestored(kind: Bench.Kind) throws {
        let store = try CopyStore(kind, commitCount: 0)
        defer { store.remove() }
        let log = try store.open()
        for number in 1 ... 10 { _ = try log.appendBlocking(CopyStore.commit(number)) }
        let events = try log.allEvents()
        let result = try Log.restore(
            from: store.bench.path, on: store.disk, to: store.restoredPath, on: store.backupDisk)
        #expect(result.position.rawValue == UInt64(events.count))
        try CopyStore.expectStore(at: store.restoredPath, store.backupDisk, events)
        try log.closeBlocking()
    }

    // MARK: Refusals

    @Test(arguments: Bench.Kind.allCases)
    func nothingIsOverwritten(kind: Bench.Kind) throws {
        let store = try CopyStore(kind, commitCount: 10)
        defer { store.remove() }
        try store.backup()
        let disk = store.backupDisk
        try disk.createDirectory(store.restoredPath)
        let file = try disk.open(store.restoredPath + "/letter.txt", .createNew)
        let letter: [UInt8] = [1, 2, 3]
        try file.write(letter.span.bytes, at: 0)
        #expect(CopyStore.failure { try store.restore() }?.code == .unavailable)
        #expect(try disk.list(store.restoredPath) == ["letter.txt"])
        #expect(
            CopyStore.failure { try store.restore(to: store.restoredPath + "/letter.txt") }?.code
                == .unavailable)
        try disk.delete(store.restoredPath + "/letter.txt")
        _ = try store.restore()
        let before = try CopyStore.files(store.restoredPath, disk)
        #expect(CopyStore.failure { try store.restore() }?.code == .unavailable)
        for path in [store.backupPath, store.backupPath + "/inside"] {
            #expect(CopyStore.failure { try store.restore(to: path) }?.code == .unavailable)
        }
        #expect(try CopyStore.files(store.restoredPath, disk) == before)
        try store.expectBackup(try store.events())
    }

    @Test func positionThatTheBackupDoesNotHoldIsRefused() throws {
        let store = try CopyStore(.simulated, commitCount: 10)
        try store.backup()
        let last = try store.events().count
        for position in [Position(0), Position(UInt64(last) + 1), Position(.max)] {
            let error = try #require(CopyStore.failure { try store.restore(upTo: .position(position)) })
            #expect(error.code == .invalidArgument)
            if position > .first { #expect(error.message.contains("ends with position \(last)")) }
        }
        #expect(try store.backupDisk.kind(of: store.restoredPath) == nil)
    }

    /// A disk that loses what was written to it is found out before there is a store.
    @Test(arguments: [RotOfACopy.flippedBit, .lostTail])
    func copyThatRotsBeforeItIsVerifiedMakesNoStore(rot: RotOfACopy) throws {
        let store = try CopyStore(.simulated)
        try store.backup()
        let target = SimulatedDisk()
        let path = store.segmentPath(1, in: store.restoredPath)
        let tail = try store.backupDisk.list(store.backupPath + "/segments").count
        let isDone = Atomic<Bool>(false)
        let error = CopyStore.failure {
            try Log.restore(
                from: store.backupPath, on: store.backupDisk, to: store.restoredPath, on: target
            ) { _ in
                switch rot {
                case .flippedBit:
                    guard !isDone.load(ordering: .relaxed), target.contents(of: path) != nil else { return }
                    target.corrupt(path, at: 5000, bit: 2)
                case .lostTail:
                    // The last segment, once it has its name: what is in front of it is a whole store.
                    let last = store.segmentPath(tail, in: store.restoredPath)
                    guard !isDone.load(ordering: .relaxed), target.contents(of: last) != nil else { return }
                    try? target.delete(last)
                }
                isDone.store(true, ordering: .relaxed)
            }
        }
        let hasRotted = isDone.load(ordering: .relaxed)
        #expect(hasRotted)
        #expect(error?.code == .damaged)
        #expect(
            CopyStore.failure { try Log.openBlocking(at: store.restoredPath, disk: target) }?.code
                == .notFound)
        _ = try store.restore(on: target)
        try CopyStore.expectStore(at: store.restoredPath, target, try store.events())
    }

    enum RotOfACopy: Sendable { case flippedBit, lostTail }

    @Test func damageOfTheBackupIsNamedAndNoStoreIsMade() throws {
        let store = try CopyStore(.simulated)
        try store.backup()
        let disk = try #require(store.backupDisk as? SimulatedDisk)
        let (commits, events) = try Self.history(store.backupPath, disk)
        let commit = try #require(commits.first { $0.segment == 2 })
        disk.corrupt(
            store.segmentPath(2, in: store.backupPath), at: commit.offset + 30, bit: 1)
        let error = try #require(CopyStore.failure { try store.restore() })
        #expect(error.code == .damaged)
        #expect(error.message.contains("segment 2 at offset \(commit.offset)"), "\(error)")
        #expect(
            CopyStore.failure { try Log.openBlocking(at: store.restoredPath, disk: disk) }?.code == .notFound)
        // What stands before the damage can be restored.
        let end = commit.positions.lowerBound - 1
        _ = try store.restore(upTo: .position(Position(end)))
        try CopyStore.expectStore(at: store.restoredPath, disk, Array(events.prefix(Int(end))))
    }
}
