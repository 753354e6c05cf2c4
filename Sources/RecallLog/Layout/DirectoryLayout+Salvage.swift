// What a salvage looks at that opening would refuse: a header without its store, a segment that is cut short.

package import Recall

extension DirectoryLayout {
    /// The header of a segment, without its frames.
    /// - Parameter storeID: of the store that it must belong to; nil for any.
    /// - Throws: `damaged` where neither copy holds and belongs here, `unsupported` where a newer program wrote it, or
    ///   what the disk reported.
    package func segmentHeader(
        _ number: UInt64, storeID: RawIdentifier?
    ) throws(StoreError) -> SegmentHeader {
        let path = segmentPath(number)
        let file = try openSegmentFile(number)
        return try readHeader(of: file, at: path) { (copy) throws(FormatError) in
            guard let storeID else { return try SegmentHeader(decoding: copy) }
            return try SegmentHeader(decoding: copy, number: number, storeID: storeID)
        }
    }

    /// Opens a segment whose header is known, as far as its file goes.
    package func openDamagedSegment(_ header: SegmentHeader) throws(StoreError) -> SegmentFile {
        try SegmentFile(
            header: header, file: try openSegmentFile(header.number), start: 0, mayBeCutShort: true)
    }
}
