// An application had a store open while its directory was renamed, and another store was made under the old name: the writer's next
// segment went into that one, which did not open any more, and thousands of acknowledged events were in neither. A
// store that was deleted, or whose file was replaced, went on acknowledging what nobody would ever read.
//
// So a store is reached from what was opened once, and it is looked at after each sync whether its names still lead there.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct StorePlaceTests {
    private static func numbers(at path: String, _ bench: Bench) throws -> [Int] {
        try Log.openBlocking(at: path, access: .readOnly, disk: bench.disk).numbers()
    }

    /// Enough for several segments.
    private static func append(_ numbers: ClosedRange<Int>, to log: Log) throws {
        for number in numbers {
            _ = try log.appendBlocking(Commit(events: [Story.event(number, of: 1, noise: 9_000)]))
        }
    }

    @Test(arguments: Bench.Kind.allCases)
    func movedStoreGoesOnWhereItIs(kind: Bench.Kind) throws {
        let bench = try Bench(kind)
        defer { bench.remove() }
        let place = bench.newPath("moved")
        defer { bench.removeItem(place) }
        let log = try bench.open()
        try Self.append(1 ... 3, to: log)
        #expect(try bench.move(bench.path, to: place))
        try Self.append(4 ... 30, to: log)
        let snapshot = Snapshot(
            aggregateID: Story.aggregate(1), aggregateType: "Tale", version: 30, position: 30,
            schemaFingerprint: 0, time: Timestamp(microsecondsSince1970: 0), payload: Data([1]))
        try log.snapshotFiles.save(snapshot)
        #expect(try log.snapshotFiles.latest(of: snapshot.aggregateID) == snapshot)
        let backup = bench.newPath("backup")
        defer { bench.removeItem(backup) }
        #expect(try log.backupBlocking(to: backup, bench).position == 30)
        try log.closeBlocking()
        #expect(try bench.disk.kind(of: bench.path) == nil)
        #expect(try Self.numbers(at: place, bench) == Array(1 ... 30))
        #expect(try Self.numbers(at: backup, bench) == Array(1 ... 30))
    }

    @Test(arguments: Bench.Kind.allCases)
    func storeUnderTheOldNameIsNobodyElses(kind: Bench.Kind) throws {
        let bench = try Bench(kind)
        defer { bench.remove() }
        let place = bench.newPath("moved")
        defer { bench.removeItem(place) }
        let log = try bench.open()
        try Self.append(1 ... 3, to: log)
        #expect(try bench.move(bench.path, to: place))
        let other = try bench.open()
        try Self.append(1 ... 2, to: other)
        try other.closeBlocking()
        let refusal = #expect(throws: StoreError.self) { try Self.append(4 ... 4, to: log) }
        #expect(refusal?.message.contains("is another one than was opened") == true)
        let later = #expect(throws: StoreError.self) { try Self.append(5 ... 5, to: log) }
        #expect(later?.code == .latched)
        #expect(throws: StoreError.self) { try log.closeBlocking() }
        #expect(try Self.numbers(at: bench.path, bench) == [1, 2])
        #expect(try Self.numbers(at: place, bench).starts(with: [1, 2, 3]))
    }

    /// What can be done to the files of a store, as the end of their paths.
    enum Deed: String, CaseIterable, Sendable {
        case deleted, headerDeleted, headerMoved, lockDeleted, lockReplaced, segmentsMoved, segmentsReplaced
        case tailDeleted, tailMoved, tailReplaced, tailCut, fileReplaced, fileCut

        func isPossible(_ kind: Bench.Kind) -> Bool {
            switch self {
            case .deleted: true
            case .fileReplaced, .fileCut: kind.isFile
            default: !kind.isFile
            }
        }

        func carryOut(_ bench: Bench) throws {
            let path = bench.path
            let tail = path + "/segments/0000000001.segment"
            let aside = bench.newPath("aside")
            func replace(_ path: String) throws {
                let file = try bench.disk.open(aside, .createNew)
                try file.preallocate(size: 64 << 10)
                #expect(try bench.move(aside, to: path))
            }
            switch self {
            case .deleted: bench.removeItem(path)
            case .headerDeleted: bench.removeItem(path + "/store")
            case .headerMoved: #expect(try bench.move(path + "/store", to: path + "/store.old"))
            case .lockDeleted: bench.removeItem(path + "/lock")
            case .lockReplaced: try replace(path + "/lock")
            case .segmentsMoved: #expect(try bench.move(path + "/segments", to: path + "/segments.old"))
            case .segmentsReplaced:
                #expect(try bench.move(path + "/segments", to: path + "/segments.old"))
                try bench.disk.createDirectory(path + "/segments")
            case .tailDeleted: bench.removeItem(tail)
            case .tailMoved: #expect(try bench.move(tail, to: path + "/tail"))
            case .tailReplaced: try replace(tail)
            case .tailCut: try bench.cut(tail, to: 40_000)
            case .fileReplaced: try replace(path)
            case .fileCut: try bench.cut(path, to: 40_000)
            }
        }
    }

    @Test(arguments: Bench.Kind.allCases, Deed.allCases)
    func nothingIsAcknowledgedOnceAFileIsNotThere(kind: Bench.Kind, deed: Deed) throws {
        guard deed.isPossible(kind) else { return }
        let bench = try Bench(kind)
        defer { bench.remove() }
        let log = try bench.open()
        _ = try log.appendBlocking(Story.commit(1 ... 1, of: 1))
        try deed.carryOut(bench)
        let refusal = #expect(throws: StoreError.self) {
            try log.appendBlocking(Story.commit(2 ... 2, of: 1))
        }
        #expect(refusal?.message.contains("is not what was opened") == true, "\(refusal?.message ?? "")")
        let later = #expect(throws: StoreError.self) { try log.appendBlocking(Story.commit(3 ... 3, of: 1)) }
        #expect(later?.code == .latched)
        #expect(throws: StoreError.self) { try log.closeBlocking() }
    }

    /// Without a sync it is looked each second, and each 256 groups whatever the clock says.
    @Test(arguments: Bench.Kind.allCases)
    func deletedStoreIsNoticedWithoutASync(kind: Bench.Kind) throws {
        let bench = try Bench(kind, durability: .system)
        defer { bench.remove() }
        let log = try bench.open {
            $0.clock = .fixed(at: Timestamp(microsecondsSince1970: 1_764_000_000_000_000))
        }
        _ = try log.appendBlocking(Story.commit(1 ... 1, of: 1))
        bench.removeItem(bench.path)
        var count = 0
        let refusal = #expect(throws: StoreError.self) {
            for number in 2 ... 1_000 {
                _ = try log.appendBlocking(Story.commit(number ... number, of: 1))
                count += 1
            }
        }
        #expect(refusal?.code == .notFound)
        #expect(count <= 256)
    }

    /// A relative path leads from the directory that the process had when the store was opened.
    @Test func heldDirectoryIsTheOneThatWasOpened() throws {
        let room = try DiskUnderTest.posix.make()
        try room.disk.createDirectory(room.path("a"))
        let held = try room.disk.openDirectory(room.path("a"), isFollowingLinks: false)
        try room.disk.rename(room.path("a"), to: room.path("b"))
        try room.disk.createDirectory(room.path("a"))
        _ = try held.open("file", .createNew)
        try held.rename("file", to: "other")
        try held.createDirectory("inner")
        try held.syncDirectory(".")
        #expect(try held.list(".") == ["inner", "other"])
        #expect(try room.disk.list(room.path("a")) == [])
        #expect(try room.disk.list(room.path("b")) == ["inner", "other"])
        try held.delete("other")
        #expect(try held.kind(of: "other") == nil)
        let inner = try held.openDirectory("inner", isFollowingLinks: false)
        #expect(try inner.status(of: ".", isFollowingLinks: false)?.kind == .directory)
        #expect(
            try held.status(of: ".", isFollowingLinks: false)?.identity
                == room.disk.status(of: room.path("b"), isFollowingLinks: true)?.identity)
    }
}

extension Log {
    fileprivate func backupBlocking(to path: String, _ bench: Bench) throws(StoreError) -> BackupResult {
        try backup(to: path, on: bench.disk, isStopped: { false }, progress: nil)
    }
}

extension Bench {
    /// A path beside the store's.
    func newPath(_ name: String) -> String {
        let suffix = kind.isFile ? SingleFileDisk.suffix : ""
        return path.replacingOccurrences(of: SingleFileDisk.suffix, with: "") + "-" + name + suffix
    }

    /// Renames as somebody else does.
    func move(_ source: String, to destination: String) throws -> Bool {
        if let disk = disk as? SimulatedDisk { return disk.move(source, to: destination) }
        return rename(source, destination) == 0
    }

    func removeItem(_ path: String) {
        if let disk = disk as? SimulatedDisk {
            disk.remove(path)
        } else {
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    func cut(_ path: String, to size: Int) throws {
        if let disk = disk as? SimulatedDisk {
            disk.cut(path, to: size)
        } else {
            try #require(truncate(path, off_t(size)) == 0)
        }
    }
}
