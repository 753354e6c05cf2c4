// Index files that a writer of another process merges and deletes at the worst moment for a reader.

import Recall
import RecallLog
import RecallTestKit
import Testing

/// A store whose index files are deleted by somebody else around the moment in which they are opened.
private struct VanishingLayout: StoreLayout {
    enum Moment: CaseIterable, Sendable { case beforeOpening, afterOpening }

    let base: DirectoryLayout
    let disk: SimulatedDisk
    let moment: Moment

    var path: String { base.path }
    var isReadOnly: Bool { true }

    func segmentNumbers() throws(StoreError) -> [UInt64] { try base.segmentNumbers() }

    func openSegment(_ number: UInt64, storeID: RawIdentifier) throws(StoreError) -> SegmentFile {
        try base.openSegment(number, storeID: storeID)
    }

    func beginSegment(_ header: SegmentHeader, _ preamble: RawSpan) throws(StoreError) -> SegmentFile {
        try base.beginSegment(header, preamble)
    }

    func makeReplacement(ofSegment number: UInt64) throws(DiskError) -> any DiskFile {
        try base.makeReplacement(ofSegment: number)
    }

    func putReplacement(ofSegment number: UInt64) throws(DiskError) {
        try base.putReplacement(ofSegment: number)
    }

    func dropReplacement(ofSegment number: UInt64) { base.dropReplacement(ofSegment: number) }

    func syncSegments() throws(DiskError) { try base.syncSegments() }
    func place(tail: SegmentFile?) -> StorePlace { base.place(tail: tail) }

    func writeMark(_ mark: StoreMark) throws(DiskError) { try base.writeMark(mark) }
    func syncNames() throws(DiskError) { try base.syncNames() }
    func keepCutOff(_ rest: TailRest, of segment: SegmentFile) throws(StoreError) -> String {
        try base.keepCutOff(rest, of: segment)
    }

    func indexRanges() -> [ClosedRange<UInt64>] { base.indexRanges() }

    func openIndex(of segmentNumbers: ClosedRange<UInt64>) -> (any DiskMap)? {
        if moment == .beforeOpening { deleteIndex(of: segmentNumbers) }
        defer { if moment == .afterOpening { deleteIndex(of: segmentNumbers) } }
        return base.openIndex(of: segmentNumbers)
    }

    func writeIndex(
        of segmentNumbers: ClosedRange<UInt64>, _ fill: (any DiskFile) throws(IndexBuildError) -> Void
    ) throws(IndexBuildError) {
        throw .stopped
    }

    func deleteIndex(of segmentNumbers: ClosedRange<UInt64>) { base.deleteIndex(of: segmentNumbers) }
}

@Suite struct VanishingIndexTests {
    @Test(arguments: VanishingLayout.Moment.allCases)
    private func fileThatVanishesIsDoneWithout(moment: VanishingLayout.Moment) throws {
        let bench = try Bench(.simulated)
        let disk = try #require(bench.disk as? SimulatedDisk)
        let log = try bench.open { $0.isCompressing = false }
        for number in 1 ... 20 {
            _ = try log.appendBlocking(Story.commit(number ... number, of: number % 3, padding: 18_000))
        }
        try log.closeBlocking()
        let layout = VanishingLayout(
            base: DirectoryLayout(path: bench.path, disk: disk, isReadOnly: true), disk: disk, moment: moment)
        #expect(!layout.indexRanges().isEmpty)
        let header = try #require(try layout.base.readStoreHeader())
        let contents = LogContents(try RecoveredLog(header, in: layout, witness: .none), in: layout)
        for aggregate in 0 ..< 3 {
            let id = RawIdentifier(Story.aggregate(aggregate).uuid)
            let expected = (1 ... 20).filter { $0 % 3 == aggregate }.count
            #expect(try contents.aggregate(id)?.entry.version == UInt64(expected))
            #expect(try contents.references(to: id).reduce(0) { $0 + $1.offsets.count } == expected)
        }
        for number in 1 ... 20 {
            let id = RawIdentifier(Story.eventID(number).uuid)
            #expect(try contents.mayHold([id]))
            #expect(try contents.candidates(for: id).count == 1)
        }
        #expect(try contents.aggregateCount() == 3)
        #expect(layout.indexRanges().isEmpty)
    }
}
