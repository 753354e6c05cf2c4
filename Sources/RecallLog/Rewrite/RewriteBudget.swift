// How large the dictionary of a rewritten segment may be. It is stored twice, so what it takes has to be earned by
// the frames; the writer's estimate and the rewriting itself go by the same measure.

/// What a dictionary may take in a segment of a given size.
struct RewriteBudget {
    /// The copies may take one part in so many of the segment.
    private static let share = 16

    /// For pieces of bodies, in bytes.
    let contentBytesMax: Int
    /// For ids of streams, in bytes.
    private let copyBytesMax: Int

    /// - Parameter usedBytes: what the segment's header and frames take before.
    init(usedBytes: Int) {
        // Where little is used, what lies between the copies alone would cost too much.
        let isWorthwhile = usedBytes >= 8 * Format.copyGap
        copyBytesMax = isWorthwhile ? max(0, usedBytes / Self.share / Format.dictionaryCopyCount - 64) : 0
        // Bodies gain more than ids where there is not room for all of both.
        contentBytesMax = min(Format.dictionaryBytesMax, copyBytesMax - copyBytesMax / 4)
    }

    /// How many streams can be numbered beside so much content.
    func idCountMax(besideContentBytes contentBytes: Int) -> Int {
        max(0, min(Format.dictionaryIDCountMax, (copyBytesMax - contentBytes) / 16))
    }

    /// A stream is worth a number when so many commits list it: its id stands in both copies.
    static let referenceCountMin = 3

    /// How many events a segment has, by what the next one's header says; nil for none, and for more than it can hold.
    static func eventCount(of header: SegmentHeader, endPosition: UInt64) -> UInt64? {
        guard endPosition > header.firstPosition else { return nil }
        let count = endPosition - header.firstPosition
        return count <= UInt64(header.capacity) ? count : nil
    }
}
