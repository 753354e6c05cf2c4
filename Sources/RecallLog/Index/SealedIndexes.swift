// The sealed segments of an open log and their indexes, as they are at one moment. A look-up takes
// this one object and asks it without any lock; a change puts another one in its place.

/// Segments that have a successor, and the indexes that cover all of them in order.
final class SealedIndexes: Sendable {
    /// In order, numbered from 1.
    let files: [SegmentFile]
    /// In order; two in a row may be of the same segment, its beginning and its end.
    let parts: [IndexPart]

    init(files: [SegmentFile] = [], parts: [IndexPart] = []) {
        self.files = files
        self.parts = parts
    }

    func file(_ number: UInt64) -> SegmentFile? {
        guard number > 0, number <= UInt64(files.count) else { return nil }
        return files[Int(number) - 1]
    }

    func headers(of numbers: ClosedRange<UInt64>) -> [SegmentHeader] {
        guard numbers.lowerBound > 0, numbers.upperBound <= UInt64(files.count) else { return [] }
        return files[Int(numbers.lowerBound) - 1 ..< Int(numbers.upperBound)].map(\.header)
    }

    /// The same with other indexes in the place of some that stand in a row.
    /// - Returns: nil where they do not, because another change came first.
    func replacing(_ old: [IndexPart], with new: [IndexPart]) -> SealedIndexes? {
        guard let first = old.first, let start = parts.firstIndex(where: { $0 === first }),
            start + old.count <= parts.count,
            zip(old, parts[start...]).allSatisfy({ $0 === $1 })
        else { return nil }
        var parts = parts
        parts.replaceSubrange(start ..< start + old.count, with: new)
        return SealedIndexes(files: files, parts: parts)
    }

    /// The same with another file, and the index of that, in the place of a segment's.
    /// - Returns: nil where the segment has another file meanwhile, or an index that covers more than it.
    func replacing(
        _ old: SegmentFile, with new: SegmentFile, _ index: IndexPart
    ) -> SealedIndexes? {
        let number = old.header.number
        let own = parts(overlapping: number ... number)
        guard file(number) === old, own.allSatisfy({ $0.segmentNumbers == number ... number }),
            let first = own.first, let start = parts.firstIndex(where: { $0 === first })
        else { return nil }
        var files = files
        files[Int(number) - 1] = new
        var parts = parts
        parts.replaceSubrange(start ..< start + own.count, with: [index])
        return SealedIndexes(files: files, parts: parts)
    }

    /// The same with one more segment.
    func appending(_ file: SegmentFile, _ new: [IndexPart]) -> SealedIndexes {
        SealedIndexes(files: files + [file], parts: parts + new)
    }

    /// All indexes that cover any of some segments.
    func parts(overlapping numbers: ClosedRange<UInt64>) -> [IndexPart] {
        parts.filter { $0.segmentNumbers.overlaps(numbers) }
    }

    // MARK: Work for the background

    /// The indexes of the first segment that has one in memory, to be written to a file.
    var firstInMemory: [IndexPart]? {
        guard let found = parts.first(where: { $0.isInMemory }) else { return nil }
        let all = parts(overlapping: found.segmentNumbers)
        return all.allSatisfy { $0.input != nil } ? all : nil
    }

    /// How many files of one size become one of the next.
    static let fanIn = 4

    /// The first files in a row that are of one size and as many as are merged, the smallest size first.
    /// - Parameter isReady: whether an index may be merged now.
    func firstToMerge(where isReady: (IndexPart) -> Bool) -> [IndexPart]? {
        var best: (tier: Int, start: Int)?
        var start = 0
        var tier: Int?
        for (index, part) in parts.enumerated() {
            let own = part.file != nil && !part.isPartial && isReady(part) ? Self.tier(of: part) : nil
            if own == nil || own != tier { start = index }
            tier = own
            if let own, index - start + 1 == Self.fanIn, best.map({ own < $0.tier }) ?? true {
                best = (own, start)
            }
        }
        return best.map { Array(parts[$0.start ..< $0.start + Self.fanIn]) }
    }

    private static func tier(of part: IndexPart) -> Int {
        var tier = 0
        var count = part.segmentNumbers.upperBound - part.segmentNumbers.lowerBound + 1
        while count >= UInt64(fanIn) {
            count /= UInt64(fanIn)
            tier += 1
        }
        return tier
    }
}
