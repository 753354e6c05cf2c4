// What stands before the first frame of a new segment: its header, and a dictionary made of what the segment before
// it ended with. The dictionary is durable before any frame that needs it, because the segment is.

internal import Recall
internal import Synchronization

extension LogWriter {
    /// How much of a segment the copies of its dictionary may take: one part in so many.
    private static let dictionaryShare = 16
    /// So many commits are looked at to fill a dictionary.
    private static let sampleCountMax: UInt64 = 4096
    /// A smaller dictionary is not worth having.
    private static let copyBytesMin = 512
    /// A stream that came less often is not worth a place.
    private static let referenceCountMin = 4

    /// Size of the next segment: sixteen times the one before, up to what is configured.
    func capacity(behind last: SegmentHeader?, for size: Int) -> Int {
        let planned = last.map { $0.capacity.multipliedReportingOverflow(by: 16) }
        var capacity =
            planned.map { $0.overflow ? Int.max : $0.partialValue } ?? configuration.firstSegmentBytes
        // A large commit needs a large segment, and there is nothing to learn from a small one then.
        if size > capacity / 4 { capacity = .max }
        return max(Format.segmentBytesMin, min(capacity, configuration.segmentBytesMax))
    }

    /// The bytes of a new segment up to its first frame.
    /// - Parameter size: of the frame that must fit behind them.
    func preamble(of header: inout SegmentHeader, behind last: SegmentFile?, for size: Int) -> ByteWriter {
        let room =
            header.capacity - Format.headerCopiesSize - Format.copyGap - Format.sealReserve - size
        let copyBytesMax =
            min(header.capacity / Self.dictionaryShare, room) / Format.dictionaryCopyCount - 64
        var writer = ByteWriter(capacity: Format.headerCopiesSize)
        guard let last, configuration.isCompressing, copyBytesMax > Self.copyBytesMin else {
            header.encode(to: &writer)
            return writer
        }
        let content = sample(of: last, bytesMax: copyBytesMax)
        let idCountMax = min(Format.dictionaryIDCountMax, (copyBytesMax - content.count) / 16)
        let ids = contents.frequentStreams(
            referenceCountMin: Self.referenceCountMin, countMax: max(0, idCountMax))
        guard content.count > 0 else {
            header.encode(to: &writer)
            return writer
        }
        header.dictionarySize = SegmentDictionary.encodedSize(
            idCount: ids.count, contentSize: content.count, in: header)
        header.encode(to: &writer)
        content.withBytes { SegmentDictionary.encode(ids: ids, content: $0, in: header, to: &writer) }
        return writer
    }

    /// Bodies of the last commits of a segment. Where they cannot be read, what was read before: a dictionary is of
    /// use whatever it holds.
    private func sample(of file: SegmentFile, bytesMax: Int) -> ByteWriter {
        var trainer = DictionaryTrainer(contentBytesMax: bytesMax)
        let end = contents.nextPosition
        let first = file.header.firstPosition
        guard end > first else { return trainer.finish() }
        var memory = BodyMemory()
        let start = max(first, end > Self.sampleCountMax ? end - Self.sampleCountMax : 1)
        try? reader.forEachCommit(from: start, through: end - 1) { (commit, bytes) throws(StoreError) in
            do throws(FormatError) {
                try memory.load(commit, bytes)
                memory.withBody(of: commit, bytes) { trainer.add($0) }
            } catch {
                return .stop
            }
            return .goOn
        }
        return trainer.finish()
    }

    /// Takes over a segment as the tail: its dictionary, for callers and for the frames to come.
    func take(_ segment: SegmentFile, _ state: inout State) throws(DiskError) {
        state.segment = segment
        state.store = isStoring ? try segment.mapForStoring() : nil
        state.writtenEnd = 0
        let dictionary = segment.context.dictionary
        state.gauge = CompressionGauge(hasDictionary: dictionary != nil)
        // What lies before a segment is durable, and its existence says so.
        state.statedPosition = segment.header.firstPosition - 1
        let prepared = segment.withBytes { bytes -> PreparedDictionary? in
            state.numbers = dictionary.map { StreamNumbers($0, bytes) } ?? StreamNumbers()
            return dictionary.flatMap {
                PreparedDictionary(bytes.extracting($0.content), segmentNumber: segment.header.number)
            }
        }
        callersDictionary.withLock { $0 = configuration.isCompressing ? prepared : nil }
    }
}
