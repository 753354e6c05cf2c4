// A piece of a segment that was acknowledged and is not what was written.

package import Recall

extension StoreError {
    /// A frame holds, and is of a kind that this program does not know.
    static func newer(segment: UInt64, offset: Int, _ reason: FormatError? = nil) -> StoreError {
        StoreError(
            .unsupported,
            "Segment \(segment) of the store was written by a newer program: at offset \(offset), \(reason?.reason ?? "a frame is of a kind that this program does not know"); open the store with a newer version.",
            cause: reason)
    }
}

/// Damaged bytes, and the positions that are lost with them.
package struct DamagedRegion: Hashable, Sendable {
    package var segmentNumber: UInt64
    package var offset: Int
    /// Where the next frame that holds begins, or the end of what was looked at.
    package var endOffset: Int
    package var firstPosition: UInt64
    /// Less than `firstPosition` where no event is lost.
    package var lastPosition: UInt64
    package var reason: String

    package var positions: ClosedRange<Position>? {
        firstPosition <= lastPosition ? Position(firstPosition) ... Position(lastPosition) : nil
    }

    package func error(in path: String) -> StoreError {
        let what = positions.map { "positions \($0.lowerBound) to \($0.upperBound) cannot be read" }
        return StoreError(
            .damaged,
            "\(path) is damaged in segment \(segmentNumber) at offset \(offset): \(reason), so \(what ?? "a frame without events cannot be read"); verify the store, then restore a backup or salvage what is whole.",
            damagedPositions: positions)
    }
}
