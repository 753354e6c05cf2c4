// What a backup does not begin with, and does not change then: a destination that is something else than an earlier backup, a store
// that is damaged or is none.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Testing

/// A destination that no backup goes into.
struct WrongDestination: Sendable, CustomTestStringConvertible {
    let name: String
    let code: StoreError.Code
    /// A part of the message.
    let message: String
    /// Prepares the destination, on which there is an earlier backup.
    let prepare: @Sendable (CopyStore) throws -> Void

    var testDescription: String { name }

    private static func clear(_ store: CopyStore, keeping kept: Set<String> = []) throws {
        for path in try CopyStore.files(store.backupPath, store.backupDisk).keys
        where !kept.contains(path) { try store.backupDisk.delete(path) }
    }

    private static func write(_ path: String, _ store: CopyStore) throws {
        let bytes: [UInt8] = [1, 2, 3]
        try store.backupDisk.open(path, .createNew).write(bytes.span.bytes, at: 0)
    }

    static let all: [WrongDestination] = [
        WrongDestination(name: "a file among nothing else", code: .notFound, message: "holds letter.txt") {
            try clear($0)
            try write($0.backupPath + "/letter.txt", $0)
        },
        WrongDestination(name: "segments without a header", code: .damaged, message: "header") {
            try $0.backupDisk.delete($0.backupPath + "/store")
        },
        WrongDestination(name: "a salvage that was not finished", code: .notFound, message: "salvage") {
            try $0.backupDisk.rename($0.backupPath + "/store", to: $0.backupPath + "/store.salvage")
        },
        WrongDestination(name: "a restore that was not finished", code: .notFound, message: "restore") {
            try $0.backupDisk.rename($0.backupPath + "/store", to: $0.backupPath + "/store.restore")
        },
        WrongDestination(name: "another store", code: .unavailable, message: "holds another store") {
            try clear($0)
            let log = try Log.openBlocking(at: $0.backupPath, disk: $0.backupDisk)
            _ = try log.appendBlocking(CopyStore.commit(1))
            try log.closeBlocking()
        },
        WrongDestination(
            name: "a backup that was appended to", code: .unavailable, message: "differ from position"
        ) {
            let log = try Log.openBlocking(at: $0.backupPath, disk: $0.backupDisk)
            _ = try log.appendBlocking(CopyStore.commit(9999))
            try log.closeBlocking()
        },
        WrongDestination(
            name: "a backup that was appended to for more than a segment", code: .unavailable,
            message: "differ from position"
        ) {
            var configuration = LogConfiguration()
            configuration.segmentBytesMax = 64 << 10
            let log = try Log.openBlocking(
                at: $0.backupPath, configuration: configuration, disk: $0.backupDisk)
            for number in 2000 ... 2150 { _ = try log.appendBlocking(CopyStore.commit(number)) }
            try log.closeBlocking()
        },
        WrongDestination(name: "a backup without its first segment", code: .damaged, message: "no segment 1")
        {
            try $0.backupDisk.delete($0.segmentPath(1, in: $0.backupPath))
        },
        WrongDestination(
            name: "a backup with damage in its last segment", code: .damaged, message: "is damaged"
        ) { store in
            let disk = try #require(store.backupDisk as? SimulatedDisk)
            let first = try #require(
                StoredCommit.all(in: store.backupPath, store.backupDisk).last { $0.events.count > 1 })
            disk.corrupt(
                store.segmentPath(Int(first.segment), in: store.backupPath), at: first.offset + 20, bit: 3)
        },
    ]
}

@Suite struct BackupRefusalTests {
    /// Every file but the lock, which tells nothing.
    private static func files(_ store: CopyStore) throws -> [String: [UInt8]] {
        try CopyStore.files(store.backupPath, store.backupDisk).filter { !$0.key.hasSuffix("/lock") }
    }

    @Test(arguments: WrongDestination.all)
    func destinationIsRefusedAndLeftAlone(destination: WrongDestination) throws {
        let store = try CopyStore(.simulated)
        try store.backup()
        try destination.prepare(store)
        try store.append(151 ... 160)
        let before = try Self.files(store)
        let error = try #require(CopyStore.failure { try store.backup() })
        #expect(error.code == destination.code, "\(error)")
        #expect(error.message.contains(destination.message), "\(error)")
        #expect(error.message.contains(store.backupPath), "\(error)")
        #expect(try Self.files(store) == before)
    }

    @Test(arguments: Bench.Kind.allCases)
    func backupInUseIsRefused(kind: Bench.Kind) throws {
        let store = try CopyStore(kind, commitCount: 10)
        defer { store.remove() }
        try store.backup()
        let log = try Log.openBlocking(at: store.backupPath, disk: store.backupDisk)
        #expect(CopyStore.failure { try store.backup() }?.code == .locked)
        try log.closeBlocking()
        #expect(try store.backup().copiedSegmentCount == 0)
    }

    @Test(arguments: ["", "/", "/inside", "/./segments/deeper"])
    func destinationInTheStoreIsRefused(suffix: String) throws {
        let store = try CopyStore(.simulated, commitCount: 10)
        let before = try CopyStore.files(store.bench.path, store.disk)
        let error = CopyStore.failure {
            try Log.backup(at: store.bench.path, on: store.disk, to: store.bench.path + suffix)
        }
        #expect(error?.code == .unavailable)
        #expect(try CopyStore.files(store.bench.path, store.disk) == before)
    }

    @Test func fileIsNoDestination() throws {
        let store = try CopyStore(.real, commitCount: 3)
        defer { store.remove() }
        try Data("x".utf8).write(to: URL(fileURLWithPath: store.backupPath))
        #expect(CopyStore.failure { try store.backup() }?.code == .unsupported)
        #expect(try Data(contentsOf: URL(fileURLWithPath: store.backupPath)) == Data("x".utf8))
    }

    @Test func pathWithoutAStoreIsRefused() throws {
        let disk = SimulatedDisk()
        try disk.createDirectory("/empty")
        for path in ["/nowhere", "/empty"] {
            #expect(
                CopyStore.failure { try Log.backup(at: path, on: disk, to: "/backup") }?.code == .notFound)
        }
        #expect(try disk.kind(of: "/backup") == nil)
    }

    /// A store that went on from an earlier backup has another history than the one it was restored from.
    @Test func storeThatWentOnFromAnEarlierStateIsAnotherHistory() throws {
        let store = try CopyStore(.simulated, commitCount: 70)
        try store.backup()
        let disk = store.backupDisk
        let end = try store.restore(upTo: .position(40)).position.rawValue
        let log = try Log.openBlocking(at: store.restoredPath, disk: disk)
        for number in 200 ... 230 { _ = try log.appendBlocking(CopyStore.commit(number)) }
        try log.closeBlocking()
        let before = try Self.files(store)
        let error = try #require(
            CopyStore.failure { try Log.backup(at: store.restoredPath, on: disk, to: store.backupPath) })
        #expect(error.code == .unavailable)
        #expect(error.message.contains("differ from position \(end + 1) on"), "\(error)")
        #expect(try Self.files(store) == before)
    }

    /// Each bit that counts of a store is either noticed and named, or in what was copied before.
    @Test func flippedBitInTheStoreEndsTheBackupWithItsPlace() throws {
        let store = try CopyStore(.simulated, commitCount: 75)
        try store.backup()
        try store.append(76 ... 200)
        let events = try store.events()
        let earlier = try CopyStore.events(at: store.backupPath, store.backupDisk)
        let source = try #require(store.disk as? SimulatedDisk)
        let backup = try #require(store.backupDisk as? SimulatedDisk)
        let commits = try StoredCommit.all(in: store.bench.path, store.disk)
        let segments = try store.disk.list(store.bench.path + "/segments").count
        #expect(segments >= 4)
        var places: [(segment: Int, offset: Int)] = []
        // The first segment is in the earlier backup, and is not read again.
        for segment in 2 ... segments {
            for offset in [20, HeaderCopies.offset(ofCopy: 1) + 50] { places.append((segment, offset)) }
            let own = commits.filter { $0.segment == UInt64(segment) }
            for commit in stride(from: 0, to: own.count, by: 7).map({ own[$0] }) {
                places.append((segment, commit.offset + 1))
                places.append((segment, commit.endOffset - 1))
            }
        }
        for (index, place) in places.enumerated() {
            let comment: Comment = "segment \(place.segment), offset \(place.offset)"
            let rotten = source.crashKeepingEverything()
            rotten.corrupt(store.segmentPath(place.segment), at: place.offset, bit: index % 8)
            let disk = backup.crashKeepingEverything()
            let error = try #require(
                CopyStore.failure { try store.backup(on: disk, from: rotten) }, comment)
            #expect(error.code == .damaged, comment)
            #expect(error.message.contains("segment \(place.segment)"), "\(error)")
            #expect(error.message.contains("offset "), "\(error)")
            #expect(error.message.contains("alvage"), "\(error)")
            let part = try CopyStore.events(at: store.backupPath, disk)
            #expect(part.count >= earlier.count, comment)
            try store.expectBackup(on: disk, Array(events.prefix(part.count)), comment)
        }
    }

    @Test func flippedBitInTheStoresHeaderEndsTheBackup() throws {
        let store = try CopyStore(.simulated, commitCount: 5)
        let source = try #require(store.disk as? SimulatedDisk)
        source.corrupt(store.bench.path + "/store", at: HeaderCopies.offset(ofCopy: 1) + 188, bit: 2)
        let error = CopyStore.failure { try store.backup() }
        #expect(error?.code == .damaged)
        #expect(try store.backupDisk.kind(of: store.backupPath) == nil)
    }
}
