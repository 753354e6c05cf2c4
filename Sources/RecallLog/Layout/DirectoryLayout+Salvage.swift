// What a salvage looks at that opening would refuse: a header without its store, a segment that is cut short, and what the
// medium does not give back. All of it is read by calls, since a map of such bytes ends the program with a signal.

package import Recall

extension DirectoryLayout {
    /// The header of a segment, without its frames.
    /// - Parameter storeID: of the store that it must belong to; nil for any.
    /// - Throws: `damaged` where neither copy holds and belongs here, `unsupported` where a newer program wrote it, or
    ///   what the disk reported.
    package func segmentHeader(
        _ number: UInt64, storeID: RawIdentifier?
    ) throws(StoreError) -> SegmentHeader {
        try readHeader(of: openSegmentFile(number), at: segmentPath(number)) { (copy) throws(FormatError) in
            try Self.decode(copy, number, storeID)
        }
    }

    /// The same, where one copy is enough that the medium gives back.
    func damagedSegmentHeader(
        _ number: UInt64, storeID: RawIdentifier?
    ) throws(StoreError) -> SegmentHeader {
        try damagedSegmentHeader(number, storeID: storeID, of: openSegmentFile(number))
    }

    private func damagedSegmentHeader(
        _ number: UInt64, storeID: RawIdentifier?, of file: any DiskFile
    ) throws(StoreError) -> SegmentHeader {
        try readDamagedHeader(of: file, at: segmentPath(number)) { (copy) throws(FormatError) in
            try Self.decode(copy, number, storeID)
        }
    }

    private static func decode(
        _ copy: RawSpan, _ number: UInt64, _ storeID: RawIdentifier?
    ) throws(FormatError) -> SegmentHeader {
        guard let storeID else { return try SegmentHeader(decoding: copy) }
        return try SegmentHeader(decoding: copy, number: number, storeID: storeID)
    }

    /// The same of a segment that is to be as long as its header says.
    func wholeSegmentHeader(_ number: UInt64, storeID: RawIdentifier) throws(StoreError) -> SegmentHeader {
        let file = try openSegmentFile(number)
        var header = try damagedSegmentHeader(number, storeID: storeID, of: file)
        header.sabotages = sabotages
        let size: Int
        do throws(DiskError) { size = try file.size() } catch {
            throw StoreError(error, doing: "read segment \(number)")
        }
        guard size >= header.capacity else { throw .cutShort(header, size: size) }
        return header
    }

    /// Reads the segment into memory that has the number of another form of it now, or is that.
    func openPresentSegment(_ header: SegmentHeader) throws(StoreError) -> SegmentFile {
        let file = try openSegmentFile(header.number)
        let copy: FileCopy
        do throws(DiskError) { copy = try FileCopy(file, upTo: Format.segmentBytesMax) } catch {
            throw StoreError(error, doing: "read segment \(header.number)")
        }
        let found = copy.withBytes { bytes in
            try? HeaderCopies.first(in: bytes) { (sector) throws(FormatError) in
                try SegmentHeader(decoding: sector, number: header.number, storeID: header.storeID)
            }
        }
        var present = found ?? header
        present.sabotages = header.sabotages
        return SegmentFile(header: present, copy: copy)
    }

    /// Reads a segment whose header is known into memory, as far as its file goes and the medium gives it back.
    package func openDamagedSegment(_ header: SegmentHeader) throws(StoreError) -> SegmentFile {
        let file = try openSegmentFile(header.number)
        do throws(DiskError) {
            return SegmentFile(header: header, copy: try FileCopy(file, upTo: header.capacity))
        } catch {
            throw StoreError(error, doing: "read segment \(header.number)")
        }
    }

    /// Reads a header that stands twice, and of which the medium may give back one copy.
    func readDamagedHeader<Header>(
        of file: any DiskFile, at path: String, decode: (RawSpan) throws(FormatError) -> Header
    ) throws(StoreError) -> Header {
        let copies = try readHeaderCopies(of: file, at: path)
        return try copies.withBytes { (bytes) throws(StoreError) in
            try decodeHeader(bytes, at: path, isReadWhole: copies.unreadable.isEmpty, decode: decode)
        }
    }

    private func readHeaderCopies(of file: any DiskFile, at path: String) throws(StoreError) -> FileCopy {
        do throws(DiskError) {
            return try FileCopy(file, upTo: Format.headerCopiesSize, pieceMin: Format.headerSize)
        } catch {
            throw StoreError(error, doing: "read \(path)")
        }
    }

    /// What the medium does not give back of the copies of a header, in bytes of its file; nothing where the file itself
    /// cannot be opened.
    func unreadableHeader(at path: String) -> [Range<Int>] {
        guard let file = try? disk.open(path, .readOnly) else { return [] }
        return (try? readHeaderCopies(of: file, at: path).unreadable) ?? []
    }
}
