// What fuzzing found in the readers of frames, each as a store would meet it.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct FuzzedReaderTests {
    /// The session frames hold no event, so losing one costs none: what lies behind it stays readable forwards
    /// as it is backwards. To open for appending, or to verify, it is damage all the same.
    @Test(arguments: [FrameKind.opening, .close])
    func damagedSessionFrameHidesNoEvents(kind: FrameKind) throws {
        let bench = try Bench(.simulated)
        for session in 0 ..< 3 {
            let log = try bench.open()
            for number in session * 10 + 1 ... session * 10 + 10 {
                _ = try log.appendBlocking(Story.commit(number ... number, of: number % 3))
            }
            try log.closeBlocking()
        }
        let disk = try #require(bench.disk as? SimulatedDisk)
        let path = "/store/segments/0000000001.segment"
        let bytes = try #require(disk.contents(of: path))
        var offsets: [Int] = []
        try bytes.withUnsafeBytes { buffer in
            let header = try SegmentHeader(decoding: buffer.bytes)
            var offset = Format.headerCopiesSize
            while let frame = try? FrameHeader.decode(buffer.bytes, at: offset, in: header) {
                if frame.kind == kind, offset > Format.headerCopiesSize { offsets.append(offset) }
                offset = frame.endOffset
            }
        }
        disk.corrupt(path, at: try #require(offsets.first), bit: 3)
        let log = try bench.open(.readOnly)
        #expect(try log.numbers() == Array(1 ... 30))
        var replayedCount = 0
        try log.replayBlocking { _, _ in
            replayedCount += 1
            return true
        }
        #expect(replayedCount == 30)
        #expect(try Log.verify(at: "/store", disk: disk).findings.contains { $0.kind == .frames })
        #expect(throws: StoreError.self) { _ = try bench.open(.openExisting) }
    }

    /// A seal that holds stood in front of a segment's last commit, and the next segment went on behind that one: the
    /// commit was left out of everything that was read, without a word.
    @Test func segmentThatEndsBeforeItsSuccessorBeginsIsDamage() throws {
        let bench = try Bench(.simulated)
        let log = try bench.open()
        for number in 1 ... 6 {
            _ = try log.appendBlocking(Commit(events: [Story.event(number, of: 0, noise: 25_000)]))
        }
        try log.closeBlocking()
        let disk = try #require(bench.disk as? SimulatedDisk)
        let path = "/store/segments/0000000001.segment"
        let bytes = try #require(disk.contents(of: path))
        let (seal, place, lost) = try bytes.withUnsafeBytes { buffer -> ([UInt8], Int, UInt64) in
            let header = try SegmentHeader(decoding: buffer.bytes)
            var offset = header.framesOffset
            var last: FrameHeader?
            while let frame = try? FrameHeader.decode(buffer.bytes, at: offset, in: header) {
                if frame.kind == .commit { last = frame }
                offset = frame.endOffset
            }
            let commit = try #require(last)
            return (
                TestFrame.seal(at: commit.offset, position: commit.nextPosition, in: header), commit.offset,
                commit.nextPosition
            )
        }
        let file = try disk.open(path, .readWrite)
        try file.write(seal.span.bytes, at: place)
        for name in try disk.list("/store/indexes") { try disk.delete("/store/indexes/\(name)") }

        let damaged = try bench.open(.readOnly)
        let error = #expect(throws: StoreError.self) { try damaged.numbers() }
        #expect(error?.damagedPositions == Position(lost) ... Position(lost))
        #expect(
            try damaged.readBlocking(EventQuery(positions: Position(lost + 1) ... .last)).events.count
                == Int(6 - lost))
        let findings = try Log.verify(at: "/store", disk: disk).findings
        #expect(findings.map(\.positions) == [Position(lost) ... Position(lost)])
    }

    @Test func positionFarBehindDamageIsIndexed() {
        let header = SegmentHeader(
            storeID: RawIdentifier(high: 1, low: 2), number: 1, salt: 3, epoch: 1, firstPosition: 1,
            baseTime: 0,
            capacity: Format.segmentBytesMin)
        var index = ActiveIndex(IndexCoverage(startOf: header))
        for number in 0 ..< 32 {
            index.beginCommit(offset: 512 + number, firstPosition: 1)
        }
        index.beginCommit(offset: 4096, firstPosition: 1 << 40)
        #expect(index.offset(before: 1 << 40) == 512)
    }
}
