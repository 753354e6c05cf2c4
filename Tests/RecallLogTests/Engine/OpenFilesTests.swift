// How many files an open store keeps open: a process may have a thousand, on some systems 256, and a store has a segment for
// each 64 MiB. All but the last segment are read through their maps alone.

import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct OpenFilesTests {
    private let bench: Bench
    private let disk: SimulatedDisk

    init() throws {
        bench = try Bench(.simulated)
        disk = try #require(bench.disk as? SimulatedDisk)
    }

    private func fill(_ log: Log, _ numbers: ClosedRange<Int>) throws {
        for number in numbers {
            _ = try log.appendBlocking(Commit(events: [Story.event(number, of: number % 3, noise: 20_000)]))
        }
    }

    /// The segments whose files somebody has open.
    private func openSegments() throws -> [String] {
        try disk.list("/store/segments").filter { disk.handleCount(of: "/store/segments/\($0)") > 0 }
    }

    private func lastSegment() throws -> [String] { Array(try disk.list("/store/segments").suffix(1)) }

    @Test func writerKeepsTheSegmentOpenThatItAppendsTo() throws {
        let log = try bench.open()
        try fill(log, 1 ... 30)
        #expect(try disk.list("/store/segments").count > 5)
        #expect(try openSegments() == lastSegment())
        #expect(try log.numbers() == Array(1 ... 30))
        try log.closeBlocking()
        let again = try bench.open()
        #expect(try openSegments() == lastSegment())
        try fill(again, 31 ... 40)
        #expect(try openSegments() == lastSegment())
        #expect(try again.numbers() == Array(1 ... 40))
    }

    @Test func readerThatFollowsKeepsTheLastSegmentOpen() throws {
        let writer = try bench.open()
        let reader = try bench.open(.readOnly)
        try fill(writer, 1 ... 30)
        #expect(try reader.numbers() == Array(1 ... 30))
        #expect(try openSegments() == lastSegment())
        #expect(disk.handleCount(of: "/store/segments/\(try lastSegment()[0])") == 2)
    }

    @Test func rewrittenSegmentsAreNotKeptOpen() throws {
        let log = try bench.open {
            $0.isRewriting = true
            $0.rewriteGainMin = -100
        }
        try fill(log, 1 ... 30)
        log.finishHousekeeping()
        #expect(try openSegments() == lastSegment())
        #expect(try log.numbers() == Array(1 ... 30))
        try log.closeBlocking()
        #expect(try openSegments().isEmpty)
    }

    /// Damage is looked behind without the file's word on where it has holes.
    @Test func damageInASegmentWhoseFileIsClosedIsToldAsBefore() throws {
        let log = try bench.open()
        try fill(log, 1 ... 30)
        try log.closeBlocking()
        disk.corrupt("/store/segments/0000000003.segment", at: 30_000, bit: 3)
        let report = try Log.verify(at: bench.path, disk: disk)
        #expect(report.findings.map(\.subject) == [.frames])
        #expect(report.findings.first?.segment == 3)
        #expect(try openSegments().isEmpty)
    }
}
