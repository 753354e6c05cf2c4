// Segments and an index in memory as a store, so that everything above the layout runs on them as it does on
// files.

internal import Recall
internal import RecallLog

/// A store of segments in memory that is only read.
struct ProbeLayout: StoreLayout {
    let path = "the probe"
    let isReadOnly = true
    /// Numbered from 1.
    let segments: [SegmentFile]
    /// The index of the first segment, or of several.
    var index: (any DiskMap)?
    var indexNumbers: ClosedRange<UInt64> = 1 ... 1

    func place(tail: SegmentFile?) -> StorePlace { .unchanged }

    func segmentNumbers() throws(StoreError) -> [UInt64] { segments.map(\.header.number) }

    func openSegment(_ number: UInt64, storeID: RawIdentifier) throws(StoreError) -> SegmentFile {
        guard let file = segments.first(where: { $0.header.number == number }) else {
            throw StoreError(.notFound, "The probe has no segment \(number).")
        }
        return file
    }

    func indexRanges() -> [ClosedRange<UInt64>] { index.map { _ in [indexNumbers] } ?? [] }

    func openIndex(of segmentNumbers: ClosedRange<UInt64>) -> (any DiskMap)? {
        segmentNumbers == indexNumbers ? index : nil
    }

    func beginSegment(_ header: SegmentHeader, _ preamble: RawSpan) throws(StoreError) -> SegmentFile {
        throw Self.refusal
    }

    func makeReplacement(ofSegment number: UInt64) throws(DiskError) -> any DiskFile {
        throw DiskError(call: "open", path: path, number: 30)
    }

    func keepCutOff(_ rest: TailRest, of segment: SegmentFile) throws(StoreError) -> String {
        throw Self.refusal
    }

    func putReplacement(ofSegment number: UInt64) {}
    func writeMark(_ mark: StoreMark) {}
    func dropReplacement(ofSegment number: UInt64) {}
    func syncSegments() {}

    func syncNames() {}

    func deleteIndex(of segmentNumbers: ClosedRange<UInt64>) {}

    func writeIndex(
        of segmentNumbers: ClosedRange<UInt64>, _ fill: (any DiskFile) throws(IndexBuildError) -> Void
    ) throws(IndexBuildError) {
        throw .stopped
    }

    private static let refusal = StoreError(.readOnly, "The probe is only read.")

    /// What opening finds in it, and a reader of that.
    func open() throws(StoreError) -> ProbeLog {
        let header = StoreHeader(
            storeID: ReaderProbe.storeID, incarnation: ReaderProbe.storeID, createdAt: 0,
            segmentBytes: Format.segmentBytesMin)
        let recovered = try RecoveredLog(header, in: self, witness: .none)
        let contents = LogContents(recovered, in: self)
        return ProbeLog(
            recovered: recovered, contents: contents, reader: LogReader(contents: contents, path: path))
    }
}

/// An opened store in memory.
struct ProbeLog {
    let recovered: RecoveredLog
    let contents: LogContents
    let reader: LogReader

    var published: UInt64 { recovered.nextPosition - 1 }

    /// Everything a query asks for.
    func pages(_ query: EventQuery) throws(StoreError) -> [RecordedEvent] {
        var result: [RecordedEvent] = []
        var next: EventQuery? = query
        while let query = next {
            let page = try reader.read(query, published: published)
            result += page.events
            next = page.next
        }
        return result
    }
}
