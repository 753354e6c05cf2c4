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

    /// Maps the index of a segment; nil where it is missing or cannot be read, since it can be made again.
    func openIndex(ofSegment number: UInt64) -> (any DiskMap)?

    /// Keeps the index of a segment, in place of an older one, whole or not at all.
    func writeIndex(ofSegment number: UInt64, _ bytes: RawSpan) throws(StoreError)
}
