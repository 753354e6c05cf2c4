// The dictionary of the segment that frames are put behind, so that inputs reach what refers to one.

internal import RecallLog

/// A dictionary that is the same for every input.
enum ProbeDictionary {
    private static let ids = (1 ... 3).map { RawIdentifier(high: 0, low: $0) }
    private static let content = ContiguousArray(
        "Order OrderPlaced {\"orderNumber\":1,\"customer\":\"Hermes\"}".utf8)

    /// States the dictionary's size in a header.
    static func describe(in segment: inout SegmentHeader) {
        segment.dictionarySize = SegmentDictionary.encodedSize(
            idCount: ids.count, contentSize: content.count, in: segment)
    }

    /// Writes both copies behind the header.
    static func place(behind segment: SegmentHeader, in writer: inout ByteWriter) {
        SegmentDictionary.encode(ids: ids, content: content.span.bytes, in: segment, to: &writer)
    }

    private static let prepared = PreparedDictionary(content.span.bytes, segmentNumber: 1)

    /// Appends the compressed form of `source`.
    /// - Returns: whether it became smaller; when not, nothing was appended.
    static func compress(_ source: RawSpan, to writer: inout ByteWriter) -> Bool {
        prepared?.compress(source, effort: .dense, to: &writer) ?? false
    }
}
