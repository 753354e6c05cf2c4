// Where regions of bytes live. Everything above works on segments, indexes and a header by number
// and name, and cannot tell a directory from a single file.

package import Recall

/// The regions of a store.
package protocol StoreLayout: Sendable {
    /// What the store is called in messages.
    var path: String { get }

    /// Whether nothing may be written, because another process may be the writer.
    var isReadOnly: Bool { get }

    /// Looks whether what was opened is still what the names lead to, as far as that can be seen.
    /// - Parameter tail: the segment that is written to.
    func place(tail: SegmentFile?) -> StorePlace

    /// The numbers of all segments, ascending.
    func segmentNumbers() throws(StoreError) -> [UInt64]

    /// Opens a segment that exists and checks its header.
    func openSegment(_ number: UInt64, storeID: RawIdentifier) throws(StoreError) -> SegmentFile

    /// Makes a segment. When this returns, it is durable: space, header, dictionary and name.
    /// - Parameter preamble: the header and what else stands before the first frame.
    func beginSegment(_ header: SegmentHeader, _ preamble: RawSpan) throws(StoreError) -> SegmentFile

    /// Writes a mark in the place of the older of the two. It is durable on return.
    func writeMark(_ mark: StoreMark) throws(DiskError)

    /// Makes an empty file for another form of a segment that is sealed. Until it replaces the segment, it is nothing
    /// that opening looks at.
    func makeReplacement(ofSegment number: UInt64) throws(DiskError) -> any DiskFile

    /// Puts the replacement, which was synced, in the place of the segment. A crash leaves one or the other until
    /// `syncSegments` returns. Whoever has opened the segment goes on with it.
    func putReplacement(ofSegment number: UInt64) throws(DiskError)

    /// Deletes a replacement that is not wanted. A failure is no matter: the next writer deletes it.
    func dropReplacement(ofSegment number: UInt64)

    /// Makes durable which file is which segment.
    func syncSegments() throws(DiskError)

    /// Copies what stands behind the end of a tail into a file beside the store; durable on return.
    /// - Returns: the path of the file.
    func keepCutOff(_ rest: TailRest, of segment: SegmentFile) throws(StoreError) -> String

    /// Makes durable that the store and its segments are there: whoever gave them their names may have been ended before
    /// it did.
    func syncNames() throws(DiskError)

    /// Which segments each index stands for, as far as the names say; none where they cannot be listed.
    func indexRanges() -> [ClosedRange<UInt64>]

    /// Maps the index of some segments; nil where it is missing or cannot be read, since it can be made again.
    func openIndex(of segmentNumbers: ClosedRange<UInt64>) -> (any DiskMap)?

    /// Keeps an index of some segments, in place of an older one, whole or not at all.
    /// - Parameter fill: writes it to an empty file. Where this throws, nothing is kept.
    func writeIndex(
        of segmentNumbers: ClosedRange<UInt64>, _ fill: (any DiskFile) throws(IndexBuildError) -> Void
    ) throws(IndexBuildError)

    /// Deletes an index, which may come back with a crash. A failure is no matter: nobody needs it.
    func deleteIndex(of segmentNumbers: ClosedRange<UInt64>)
}
