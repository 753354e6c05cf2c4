// Which index files an open log uses: for each segment the one that covers the most. Opening reads
// the first block of those it chooses and nothing of the others.

/// The indexes of sealed segments as their files are found.
struct IndexSelection {
    private(set) var parts: [IndexPart] = []
    /// Files of which no use is made: merged into others, of no segment, or damaged.
    private(set) var unused: [ClosedRange<UInt64>] = []

    /// - Parameters:
    ///   - segments: the sealed ones in order.
    ///   - endPosition: the first position of the segment behind them.
    ///   - known: indexes that are open already, to be used again.
    ///   - damaged: segments whose files are not to be used.
    init(
        of segments: [SegmentHeader], endPosition: UInt64, in layout: any StoreLayout,
        known: [IndexPart] = [],
        except damaged: [UInt64] = []
    ) {
        let found = layout.indexRanges().filter { numbers in !damaged.contains { numbers.contains($0) } }
        let byFirst = Dictionary(grouping: found, by: \.lowerBound)
        var used: Set<ClosedRange<UInt64>> = []
        var number: UInt64 = 1
        while number <= UInt64(segments.count) {
            let candidates = (byFirst[number] ?? []).sorted { $0.upperBound > $1.upperBound }
            // Each is opened once: a writer of another process may delete it at any moment.
            var part: IndexPart?
            for numbers in candidates where part == nil {
                part = Self.open(numbers, segments, endPosition: endPosition, layout, known)
            }
            if let part {
                parts.append(part)
                used.insert(part.segmentNumbers)
                number = part.segmentNumbers.upperBound + 1
            } else {
                let own = known.filter { $0.segmentNumbers == number ... number && $0.file == nil }
                let isKnown = own.contains { if case .missing = $0.content { false } else { true } }
                // The end of a segment in memory, and its beginning in a file that is open.
                let all = known.filter { $0.segmentNumbers == number ... number }
                parts += isKnown ? all : [IndexPart(number ... number, .missing)]
                number += 1
            }
        }
        unused = found.filter { !used.contains($0) }
    }

    private static func open(
        _ numbers: ClosedRange<UInt64>, _ segments: [SegmentHeader], endPosition: UInt64,
        _ layout: any StoreLayout, _ known: [IndexPart]
    ) -> IndexPart? {
        guard numbers.lowerBound > 0, numbers.upperBound <= UInt64(segments.count) else { return nil }
        if let part = known.first(where: { $0.segmentNumbers == numbers && $0.file != nil && !$0.isPartial })
        {
            return part
        }
        let covered = segments[Int(numbers.lowerBound) - 1 ..< Int(numbers.upperBound)]
        let next = segments.dropFirst(Int(numbers.upperBound)).first?.firstPosition ?? endPosition
        guard let map = layout.openIndex(of: numbers),
            let file = try? IndexFile(map, of: covered), file.coverage.nextPosition == next
        else { return nil }
        return IndexPart(numbers, .file(file))
    }
}
