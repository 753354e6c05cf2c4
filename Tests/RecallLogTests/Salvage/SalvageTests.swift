// A table of damages, each with what a salvage must copy and what it must list as lost: all that is whole, and no more.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Testing

/// One way in which a store can be damaged, on any disk.
struct SalvageDamage: Sendable, CustomTestStringConvertible {
    let name: String
    /// Damages the store.
    /// - Returns: the positions that are lost thereby.
    let apply: @Sendable (SalvageStore) throws -> Set<UInt64>

    var testDescription: String { name }

    private static func positions(_ commits: some Sequence<StoredCommit>) -> Set<UInt64> {
        commits.reduce(into: []) { $0.formUnion($1.positions) }
    }

    private static func damageHeaders(_ store: SalvageStore, _ segment: Int) throws -> Set<UInt64> {
        for copy in 0 ..< 2 {
            try store.flip(store.segmentPath(segment), at: HeaderCopies.offset(ofCopy: copy) + 50)
        }
        return positions(store.commits(ofSegment: segment))
    }

    static let all: [SalvageDamage] = [
        SalvageDamage(name: "nothing") { _ in [] },
        SalvageDamage(name: "one commit in the middle") { store in
            let commit = store.commits(ofSegment: 1)[10]
            try store.flip(store.segmentPath(1), at: commit.offset + 30)
            return positions([commit])
        },
        SalvageDamage(name: "a commit of several events and streams") { store in
            let commit = try #require(store.commits(ofSegment: 2).first { $0.events.count > 1 })
            try store.flip(store.segmentPath(2), at: commit.endOffset - 1)
            return positions([commit])
        },
        SalvageDamage(name: "neighbours in the tail") { store in
            let commits = Array(store.commits(ofSegment: store.segmentCount)[3 ... 5])
            for commit in commits {
                try store.flip(store.segmentPath(store.segmentCount), at: commit.offset + 2)
            }
            return positions(commits)
        },
        SalvageDamage(name: "the last commit before a clean close") { store in
            let commit = try #require(store.commits.last)
            try store.flip(store.segmentPath(store.segmentCount), at: commit.offset + 9)
            return positions([commit])
        },
        SalvageDamage(name: "one copy of every header") { store in
            try store.flip(store.path + "/store", at: 20)
            for segment in 1 ... store.segmentCount {
                try store.flip(store.segmentPath(segment), at: HeaderCopies.offset(ofCopy: segment % 2) + 40)
            }
            return []
        },
        SalvageDamage(name: "both copies of the store's header") { store in
            for copy in 0 ..< 2 {
                try store.flip(store.path + "/store", at: HeaderCopies.offset(ofCopy: copy) + 20)
            }
            return []
        },
        SalvageDamage(name: "no store header") { store in
            try store.inside.delete(store.path + "/store")
            return []
        },
        SalvageDamage(name: "no store header and no header of a segment") { store in
            try store.inside.delete(store.path + "/store")
            return try damageHeaders(store, 2)
        },
        SalvageDamage(name: "no header of a segment") { try damageHeaders($0, 2) },
        SalvageDamage(name: "no header of the first segment") { try damageHeaders($0, 1) },
        SalvageDamage(name: "no header of the last segment") { try damageHeaders($0, $0.segmentCount) },
        SalvageDamage(name: "a segment in the middle is missing") { store in
            try store.inside.delete(store.segmentPath(2))
            return positions(store.commits(ofSegment: 2))
        },
        SalvageDamage(name: "the first segments are missing") { store in
            for segment in 1 ... 2 { try store.inside.delete(store.segmentPath(segment)) }
            return positions(store.commits.filter { $0.segment <= 2 })
        },
        SalvageDamage(name: "neighbours are missing and headless") { store in
            try store.inside.delete(store.segmentPath(2))
            return try damageHeaders(store, 3).union(positions(store.commits(ofSegment: 2)))
        },
        SalvageDamage(name: "a seal is gone and its successor missing") { store in
            let last = try #require(store.commits(ofSegment: 1).last)
            try store.write([UInt8](repeating: 0, count: 40), to: store.segmentPath(1), at: last.endOffset)
            try store.inside.delete(store.segmentPath(2))
            return positions(store.commits(ofSegment: 2))
        },
        SalvageDamage(name: "a seal is gone") { store in
            let last = try #require(store.commits(ofSegment: 1).last)
            try store.write([UInt8](repeating: 0, count: 40), to: store.segmentPath(1), at: last.endOffset)
            return []
        },
        SalvageDamage(name: "a segment is cut short") { store in
            let commits = store.commits(ofSegment: 2)
            let middle = commits[commits.count / 2]
            try store.truncate(store.segmentPath(2), to: middle.endOffset - 3)
            return positions(commits.filter { $0.endOffset >= middle.endOffset })
        },
        SalvageDamage(name: "the tail is cut short") { store in
            let commits = store.commits(ofSegment: store.segmentCount)
            // Only the unused rest is gone.
            let end = try #require(commits.last).endOffset + 64
            try store.truncate(store.segmentPath(store.segmentCount), to: end)
            return []
        },
        SalvageDamage(name: "a segment is cut inside its headers") { store in
            try store.truncate(store.segmentPath(2), to: 700)
            return positions(store.commits(ofSegment: 2))
        },
        SalvageDamage(name: "a segment is empty") { store in
            try store.truncate(store.segmentPath(2), to: 0)
            return positions(store.commits(ofSegment: 2))
        },
        SalvageDamage(name: "a segment's file is another's") { store in
            try store.write(store.bytes(of: store.segmentPath(3)), to: store.segmentPath(2), at: 0)
            return positions(store.commits(ofSegment: 2))
        },
        SalvageDamage(name: "both copies of a dictionary") { store in
            let header = try store.header(2)
            let bytes = try store.bytes(of: store.segmentPath(2))
            let dictionary = try #require(
                try bytes.withUnsafeBytes { try SegmentDictionary($0.bytes, in: header) })
            for copy in 0 ..< 2 {
                try store.flip(
                    store.segmentPath(2), at: SegmentDictionary.offset(ofCopy: copy, in: header) + 70)
            }
            return positions(
                try store.commits(ofSegment: 2).filter { try $0.needsDictionary(dictionary, bytes) })
        },
        SalvageDamage(name: "a body that cannot be read behind a checksum that holds") { store in
            let commit = try #require(
                store.commits(ofSegment: 2).first { $0.codec == .lz4WithDictionary && $0.events.count == 1 })
            var bytes = Array(try store.bytes(of: store.segmentPath(2))[commit.offset ..< commit.endOffset])
            for index in commit.bodyOffset - commit.offset ..< bytes.count { bytes[index] = 0xFF }
            var writer = ByteWriter()
            writer.bytes(bytes.span.bytes)
            FrameHeader.finish(&writer, from: 0, at: commit.offset, in: try store.header(2))
            try store.write(
                writer.withBytes { $0.withUnsafeBytes { Array($0) } }, to: store.segmentPath(2),
                at: commit.offset)
            return positions([commit])
        },
        SalvageDamage(name: "everything that is derived") { store in
            for name in try store.inside.list(store.path + "/indexes") {
                try store.write(
                    [UInt8](repeating: 0xAA, count: 5000), to: "\(store.path)/indexes/\(name)", at: 100)
            }
            let snapshots = try store.inside.open(store.path + "/snapshots/00000001.snapshots", .createNew)
            try snapshots.write([UInt8](repeating: 7, count: 900).span.bytes, at: 0)
            try snapshots.sync()
            // In a single file the lock is on the file itself.
            if !store.bench.kind.isFile { try store.disk.delete(store.path + "/lock") }
            return []
        },
        SalvageDamage(name: "strangers among the segments") { store in
            // What is unfinished has no name in a single file.
            let unfinished = store.bench.kind.isFile ? [] : ["0000000002.segment.new"]
            for name in ["notes.txt", "7.segment"] + unfinished {
                let file = try store.inside.open("\(store.path)/segments/\(name)", .createNew)
                try file.write([1, 2, 3].span.bytes, at: 0)
                try file.sync()
            }
            return []
        },
    ]
}

extension StoredCommit {
    /// Whether it refers to the segment's dictionary: for its body, or for the name of a stream.
    func needsDictionary(_ dictionary: SegmentDictionary, _ bytes: [UInt8]) throws -> Bool {
        if codec == .lz4WithDictionary { return true }
        let ids = try (0 ..< dictionary.idCount).map { index in
            try bytes.withUnsafeBytes { try dictionary.stream(UInt64(index) + 1, $0.bytes) }
        }
        return events.contains { event in
            ids.contains(RawIdentifier(event.aggregateID.uuid))
                || ids.contains(RawIdentifier(event.rootID.uuid))
        }
    }
}

@Suite struct SalvageTests {
    @Test(arguments: SalvageDamage.all, Bench.Kind.allCases)
    func everythingWholeIsCopiedAndTheRestIsListed(damage: SalvageDamage, kind: Bench.Kind) throws {
        let store = try SalvageStore(kind)
        defer { store.remove() }
        try #require(store.segmentCount >= 4)
        let lost = try damage.apply(store)
        let before = try store.files()
        let report = try Log.salvage(from: store.path, to: store.destination, disk: store.disk)
        #expect(try store.files() == before)
        try SalvageCheck.check(store, lost: lost, report, "\(damage.name): \(report.losses)")
        // What was salvaged is a store like any other.
        let log = try Log.openBlocking(at: store.destination, disk: store.disk)
        let receipt = try log.appendBlocking(Story.commit(99_999 ... 99_999, of: 1))
        #expect(receipt.lastPosition.rawValue == UInt64(report.eventCount) + 1)
        try log.closeBlocking()
    }

    @Test func lossSaysWhereAndWhy() throws {
        let store = try SalvageStore(.simulated)
        let commit = store.commits(ofSegment: 2)[4]
        try store.flip(store.segmentPath(2), at: commit.offset + 30)
        try store.disk.delete(store.segmentPath(3))
        let report = try Log.salvage(from: store.path, to: store.destination, disk: store.disk)
        try #require(report.losses.count == 2)
        #expect(report.losses[0].segment == 2)
        #expect(report.losses[0].offset == commit.offset)
        #expect(report.losses[0].firstPosition?.rawValue == commit.positions.lowerBound)
        #expect(report.losses[0].lastPosition?.rawValue == commit.positions.upperBound)
        #expect(report.losses[0].reason.contains("checksum"))
        #expect(report.losses[1].segment == 3)
        #expect(report.losses[1].offset == nil)
        #expect(report.losses[1].reason.contains("missing"))
        #expect(report.ranges.count == 3)
        #expect(!report.shiftedStreams.isEmpty)
    }

    /// A torn end was never acknowledged: opening leaves it out, and so does a salvage.
    @Test func tornEndIsNoLoss() throws {
        let store = try SalvageStore(.simulated, isClosed: false)
        let disk = try #require(store.disk as? SimulatedDisk)
        let last = try #require(store.commits.last)
        let found = disk.crashKeepingEverything()
        found.corrupt(store.segmentPath(store.segmentCount), at: last.offset + 20, bit: 2)
        let report = try Log.salvage(from: store.path, to: store.destination, disk: found)
        #expect(report.isComplete)
        #expect(report.notes.count == 1)
        #expect(report.notes.first?.offset == last.offset)
        #expect(report.commitCount == store.commits.count - 1)
    }

    @Test func emptyStoreIsSalvagedIntoAnEmptyStore() throws {
        let bench = try Bench(.simulated)
        try bench.open().closeBlocking()
        let report = try Log.salvage(from: "/store", to: "/other", disk: bench.disk)
        #expect(report.isComplete)
        #expect(report.ranges.isEmpty)
        #expect(try Log.openBlocking(at: "/other", access: .readOnly, disk: bench.disk).allEvents().isEmpty)
    }

    /// A rewritten segment is as large as what it holds takes, so that a commit of it, which compresses well, may not fit
    /// into a segment of the new store; and the store's header, which would have said more, is lost.
    @Test func commitLargerThanASegmentOfTheNewStoreIsCopied() throws {
        let bench = try Bench(.simulated, segmentBytesMax: 4 << 20)
        let log = try bench.open { $0.isCompressing = false }
        _ = try log.appendBlocking(Story.commit(1 ... 1, of: 1))
        _ = try log.appendBlocking(Commit(events: [Story.event(2, of: 1, padding: 3 << 20)]))
        _ = try log.appendBlocking(Commit(events: [Story.event(3, of: 1, padding: (4 << 20) - 16_000)]))
        try log.closeBlocking()
        let layout = DirectoryLayout(path: "/store", disk: bench.disk, isReadOnly: false)
        let storeID = try #require(try layout.readStoreHeader()).storeID
        let rewriter = try SegmentRewriter(
            layout.openSegment(2, storeID: storeID), endPosition: 3, randomBits: 7)
        _ = try rewriter.write(to: layout.makeReplacement(ofSegment: 2))
        try layout.putReplacement(ofSegment: 2)
        try bench.disk.delete("/store/store")
        try bench.disk.delete("/store/segments/0000000003.segment")
        let file = try bench.disk.open("/store/segments/0000000002.segment", .readOnly)
        try #require(file.size() < 1 << 20)
        var configuration = LogConfiguration()
        configuration.segmentBytesMax = 64 << 10
        let report = try Log.salvage(
            from: "/store", to: "/other", disk: bench.disk, configuration: configuration)
        #expect(report.isComplete)
        #expect(report.eventCount == 2)
        #expect(try Log.openBlocking(at: "/other", disk: bench.disk).numbers() == [1, 2])
    }
}
