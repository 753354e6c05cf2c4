// Where regions of bytes live. Everything above works on segments, indexes and a header by number
// and name, and cannot tell a directory from a single file.

package import Recall

/// The regions of a store.
package protocol StoreLayout: Sendable {
    /// What the store is called in messages.
    var path: String { get }

    /// Whether nothing may be written, because another process may be the writer.
    var isReadOnly: Bool { get }

    /// The numbers of all segments, ascending.
    func segmentNumbers() throws(StoreError) -> [UInt64]

    /// Opens a segment that exists and checks its header.
    func openSegment(_ number: UInt64, storeID: RawIdentifier) throws(StoreError) -> SegmentFile

    /// Makes a segment. When this returns, it is durable: space, header, dictionary and name.
    /// - Parameter preamble: the header and what else stands before the first frame.
    func beginSegment(_ header: SegmentHeader, _ preamble: RawSpan) throws(StoreError) -> SegmentFile

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
