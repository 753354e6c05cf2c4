// What flipping every bit, and taking files away, has found.

import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct RotRegressionTests {
    private static let segment = "/store/segments/0000000001.segment"

    /// A closed store whose tail has an index: a flip in the close frame was reported as a fault of the index ("it states another
    /// end"), with the advice to delete it, though the index was right and the frame was not.
    @Test func flippedCloseFrameIsNoFaultOfTheIndex() throws {
        let bench = try Bench(.simulated)
        let log = try bench.open { $0.checkpointFrameCountMin = 1 }
        for number in 1 ... 10 { _ = try log.appendBlocking(Story.commit(number ... number, of: 1)) }
        try log.closeBlocking()
        let disk = try #require(bench.disk as? SimulatedDisk)
        try #require(disk.list("/store/indexes").count == 1)
        let bytes = try #require(disk.contents(of: Self.segment))
        let header = try bytes.withUnsafeBytes { try SegmentHeader(decoding: $0.bytes) }
        var chain = FrameChain(IndexCoverage(startOf: header), in: SegmentContext(header: header))
        var close = 0
        bytes.withUnsafeBytes { buffer in
            while let link = try? chain.next(buffer.bytes) { close = link.frame.offset }
        }
        disk.corrupt(Self.segment, at: close + 5, bit: 1)
        let findings = try Log.verify(at: "/store", disk: disk).findings
        #expect(findings.map(\.kind) == [.frames])
        #expect(findings.map(\.subject) == [.frames])
        #expect(findings.first?.offset == close)
        #expect(findings.first?.positions == nil)
        // No event is lost: all are read, and appends go on.
        let again = try bench.open()
        #expect(try again.numbers() == Array(1 ... 10))
        _ = try again.appendBlocking(Story.commit(11 ... 11, of: 1))
        try again.closeBlocking()
        // The index, which ended behind the frame that is overwritten now, was left, and verifying found fault with it.
        #expect(try Log.verify(at: "/store", disk: disk).findings.isEmpty)
    }

    /// A store whose directory of segments was gone was read, verified and salvaged as an empty one.
    @Test func missingDirectoryOfSegmentsIsNoEmptyStore() throws {
        let disk = RotDisk()
        var configuration = LogConfiguration()
        configuration.readerThreadCount = 1
        let log = try Log.openBlocking(at: "/store", configuration: configuration, disk: disk)
        _ = try log.appendBlocking(Story.commit(1 ... 1, of: 1))
        try log.closeBlocking()
        disk.remove("/store/segments")
        for access in [LogAccess.createOrOpen, .openExisting, .readOnly] {
            let error = #expect(throws: StoreError.self) {
                try Log.openBlocking(at: "/store", access: access, configuration: configuration, disk: disk)
            }
            #expect(error?.code == .damaged)
        }
        let findings = try Log.verify(at: "/store", disk: disk).findings
        #expect(findings.map(\.kind) == [.file])
        #expect(findings.map(\.subject) == [.segmentDirectory])
        #expect(
            #expect(throws: StoreError.self) {
                try Log.salvage(from: "/store", to: "/other", disk: disk)
            }?.code == .damaged)
    }
}
