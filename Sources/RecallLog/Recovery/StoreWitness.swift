// What is known of a store beside its segments: which there are, and how much of the last one was durable. Whoever opens, verifies,
// copies or salvages a store holds what it finds against this. What is missing is damage, and never a shorter history.

package import Recall

/// What must be there.
package struct StoreWitness: Hashable, Sendable {
    /// What the newest mark says; nil where neither holds, or no segment was ever begun.
    package var end: StoreMark.End?

    package static let none = StoreWitness()

    package init(end: StoreMark.End? = nil) { self.end = end }

    /// - Parameter numbers: of the segments that were found, ascending.
    /// - Throws: `damaged` where the last ones are missing.
    package func check(_ numbers: [UInt64], in path: String) throws(StoreError) {
        if let missing = missing(from: numbers) { throw missing.error(in: path) }
    }

    /// The segments that are missing at the end.
    package func missing(from numbers: [UInt64]) -> MissingSegments? {
        let last = numbers.last ?? 0
        guard let end, end.segmentNumber > last else { return nil }
        return MissingSegments(
            numbers: last + 1 ... end.segmentNumber,
            positions: last == 0 && end.nextPosition > 1 ? 1 ... end.nextPosition - 1 : nil,
            lastPosition: end.nextPosition - 1)
    }

    /// - Throws: `damaged` where the last segment that was begun is another file.
    package func check(_ header: SegmentHeader, in path: String) throws(StoreError) {
        guard !isReplaced(header) else {
            throw StoreError(
                .damaged,
                "Segment \(header.number) of \(path) is another file than the one that was begun as this segment: put the right one back, restore a backup, or salvage what is whole."
            )
        }
    }

    /// Whether a segment that is the last is not the one that was begun under its number.
    package func isReplaced(_ header: SegmentHeader) -> Bool {
        guard let end, end.segmentNumber == header.number, end.namesFile else { return false }
        return end.salt != header.salt || end.firstPosition != header.firstPosition
    }

    /// Up to where frames of a segment were durable, in bytes; 0 where that is not known.
    package func offset(in header: SegmentHeader) -> Int {
        guard let end, end.segmentNumber == header.number, !isReplaced(header) else { return 0 }
        return end.offset
    }

    /// The last position that was durable when somebody said so, in a segment that is the last.
    package func position(in header: SegmentHeader) -> UInt64 {
        guard let end, end.segmentNumber == header.number, !isReplaced(header) else { return 0 }
        return end.nextPosition - 1
    }

    /// What is wrong with a segment whose frames hold up to the marked place and beyond, and are not those that were there.
    package func contradiction(in file: SegmentFile) -> DamagedRegion? {
        guard let end, end.segmentNumber == file.header.number, end.namesFile, !isReplaced(file.header)
        else { return nil }
        let holds = file.withBytes { bytes in end.holds(in: file.header, bytes) }
        guard !holds else { return nil }
        return DamagedRegion(
            segmentNumber: end.segmentNumber, offset: end.offset, endOffset: end.offset,
            firstPosition: end.nextPosition, lastPosition: end.nextPosition - 1,
            reason:
                "the frames in front of this place are not those that were there: the file is another copy of the segment"
        )
    }
}

/// Segments that were begun and are not there.
package struct MissingSegments: Hashable, Sendable {
    package var numbers: ClosedRange<UInt64>
    /// The positions that are lost; nil where the end of the segment in front of them tells their beginning.
    package var positions: ClosedRange<UInt64>?
    /// At least up to here there were events.
    package var lastPosition: UInt64

    /// What is wrong, in words.
    package var reason: String {
        let what =
            numbers.count == 1
            ? "the segment's file is missing"
            : "the files of segments \(numbers.lowerBound) to \(numbers.upperBound) are missing"
        return lastPosition > 0
            ? what + ", and there were events up to position \(lastPosition) at least" : what
    }

    package func error(in path: String) -> StoreError {
        let which =
            numbers.count == 1
            ? "segment \(numbers.lowerBound)" : "segments \(numbers.lowerBound) to \(numbers.upperBound)"
        return StoreError(
            .damaged,
            "\(path) has no \(which), though \(lastPosition > 0 ? "there were events up to position \(lastPosition) at least" : "it was begun"): put the missing files back, restore a backup, or salvage what is whole.",
            damagedPositions: positions.map { Position($0.lowerBound) ... Position($0.upperBound) })
    }
}
