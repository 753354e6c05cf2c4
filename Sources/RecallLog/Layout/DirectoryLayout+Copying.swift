// What copying a store asks of its directory, beside what opening does.

package import Recall

extension DirectoryLayout {
    /// - Parameter numbers: of all segments, ascending.
    /// - Throws: `damaged` where one is left out.
    func requireNoGap(in numbers: [UInt64]) throws(StoreError) {
        for (index, number) in numbers.enumerated() where number != UInt64(index) + 1 {
            throw .missingSegment(UInt64(index) + 1, before: number, in: path)
        }
    }

    /// Up to where an index vouches for a tail, which was durable when it was made.
    func coveredEnd(of tail: SegmentFile) -> CoveredEnd {
        let number = tail.header.number
        guard let map = openIndex(of: number ... number), let index = try? IndexFile(map, of: [tail.header])
        else { return .none }
        return CoveredEnd(index.coverage)
    }

    /// Deletes the indexes that cover a segment whose file is about to be another.
    func deleteIndexes(ofSegment number: UInt64) {
        for numbers in indexRanges() where numbers.contains(number) { deleteIndex(of: numbers) }
    }

    /// Makes the directory's own name durable: whoever made it may have been ended before it did. A parent that we may
    /// not read is the matter of whom it belongs to.
    package func syncParent() throws(StoreError) {
        let parent = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        do throws(DiskError) { try disk.syncDirectory(parent) } catch {
            if error.isDenied { return }
            throw StoreError(error, doing: "make a store at \(path)")
        }
    }

    /// A path without what says nothing, so that two can be compared.
    static func normalized(_ path: String) -> String {
        let parts = path.split(separator: "/").filter { $0 != "." }
        return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    }
}
