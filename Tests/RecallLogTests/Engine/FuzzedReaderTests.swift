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
