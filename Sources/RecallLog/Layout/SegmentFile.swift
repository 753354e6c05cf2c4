// One segment as the layers above see it: a header, bytes to read in place, and a place to write.
// Whether it is a file of its own or an extent of a larger one is known only here.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
package import Recall
internal import Synchronization

/// A segment of an open store.
package final class SegmentFile: Sendable {
    package let header: SegmentHeader
    /// Nil once nothing is written here any more.
    private let openFile: Mutex<(any DiskFile)?>
    /// Where the segment begins in its file.
    private let start: Int
    /// As many as the header says, or as are left of a file that was cut short.
    private let byteCount: Int
    private let map: any DiskMap
    /// What tells its file from another that has its name.
    let identity: DiskIdentity
    /// What the medium did not give back, in bytes of the segment; there are zeros in its place. Ascending, and empty where
    /// the segment is mapped.
    package let unreadable: [Range<Int>]
    /// Nothing but zeros follows from here on, whether the file is open or not.
    private let dataEnd: Int
    /// Found when it is first needed, so that opening a store reads no dictionary.
    private let foundContext = Mutex<SegmentContext?>(nil)

    /// Maps the segment.
    /// - Throws: `damaged` where the file is shorter than its header says, or the disk fails.
    package init(
        header: SegmentHeader, file: any DiskFile, start: Int
    ) throws(StoreError) {
        self.header = header
        openFile = Mutex(file)
        self.start = start
        do {
            let status = try file.status()
            let size = status.size
            identity = status.identity
            guard size >= start + header.capacity else {
                throw StoreError.cutShort(header, size: size - start)
            }
            byteCount = header.capacity
            dataEnd = byteCount
            unreadable = []
            map = try file.map(from: start, count: byteCount, isWritable: false)
        } catch let error as DiskError {
            throw StoreError(error, doing: "map segment \(header.number)")
        } catch let error as StoreError {
            throw error
        } catch {
            throw StoreError(
                .unavailable,
                "Segment \(header.number) cannot be mapped (\(ErrorText.reason(error))); open the store again.",
                cause: error)
        }
    }

    /// A segment that was read by calls, as far as its file goes and the medium gives it back. Nothing can be written to it.
    package init(header: SegmentHeader, copy: FileCopy) {
        self.header = header
        openFile = Mutex(nil)
        identity = DiskIdentity(device: 0, node: 0)
        start = 0
        byteCount = min(copy.count, header.capacity)
        dataEnd = copy.dataEnd
        unreadable = copy.unreadable
        map = copy
    }

    /// Whether bytes were looked at that its file does not have any more.
    var isLost: Bool { map.isLost }

    /// Whether the medium did not give back a byte of a range.
    package func isUnreadable(in range: Range<Int>) -> Bool { unreadable.contains { $0.overlaps(range) } }

    /// Whether bytes are missing that the header says there are.
    package var isCutShort: Bool { byteCount < header.capacity }

    /// Lends all bytes of the segment. What a writer places behind the published position may change
    /// meanwhile; readers do not look there.
    @inline(__always)
    package func withBytes<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // The map lives as long as self, which lives through this call.
        try body(UnsafeRawBufferPointer(start: map.base, count: byteCount).bytes)
    }

    /// The header with the dictionary. Its checksum is computed at the first call.
    package var context: SegmentContext {
        if header.dictionarySize == 0 { return SegmentContext(header: header) }
        return foundContext.withLock { found in
            if let found { return found }
            let made = withBytes { SegmentContext(header, $0) }
            found = made
            return made
        }
    }

    /// What is wrong with the copies of the header, and of the dictionary where it has one, beside those that are used.
    package func damagedCopies() -> [DamagedCopy] {
        withBytes { bytes in
            let headers = HeaderCopies.damage(in: bytes, taken: header) { (copy) throws(FormatError) in
                try SegmentHeader(decoding: copy, number: header.number, storeID: header.storeID)
            }
            let dictionaries = SegmentDictionary.damage(bytes, in: header)
            return headers.map {
                DamagedCopy(
                    subject: .segmentHeader, offset: $0.offset,
                    reason: reason($0.reason, ofCopyAt: $0.offset, Format.headerSize), isSpare: true)
            }
                + dictionaries.map {
                    DamagedCopy(
                        subject: .dictionary, offset: $0.offset,
                        reason: reason($0.reason, ofCopyAt: $0.offset, header.dictionarySize),
                        isSpare: dictionaries.count < Format.dictionaryCopyCount)
                }
        }
    }

    /// What is wrong with a copy, which may be that it was not read.
    private func reason(_ found: FormatError, ofCopyAt offset: Int, _ size: Int) -> FormatError {
        isUnreadable(in: offset ..< offset + size) ? .unreadable : found
    }

    /// Closes the file of a segment that is only read from here on, through its map: a store has more segments than a
    /// process may have files open.
    package func closeFile() {
        // Given back behind the lock, under which nothing else happens.
        _ = openFile.withLock { $0.take() }
    }

    /// The file, for whoever writes.
    private func writableFile() throws(DiskError) -> any DiskFile {
        guard let file = openFile.withLock({ $0 }) else {
            throw DiskError(call: "write", path: "segment \(header.number)", number: EBADF)
        }
        return file
    }

    /// Writes frames. Nothing is durable on return.
    package func write(_ bytes: RawSpan, at offset: Int) throws(DiskError) {
        try writableFile().write(bytes, at: start + offset)
    }

    /// Writes zeros from one offset up to another.
    package func writeZeros(from first: Int, to end: Int) throws(DiskError) {
        try writableFile().writeZeros(from: start + first, to: start + end)
    }

    /// The segment as memory to store frames in; nil where a store there could fail without an error, on a file
    /// system that finds a new place for what is overwritten.
    package func mapForStoring() throws(DiskError) -> (any DiskMap)? {
        let file = try writableFile()
        guard start == 0, try file.isOverwrittenInPlace() else { return nil }
        return try file.map(count: header.capacity, isWritable: true)
    }

    /// Makes all that was written durable.
    package func sync() throws(DiskError) { try writableFile().sync() }

    /// The first offset at or behind `offset` where the disk may hold anything but zeros; `offset` itself where the file is
    /// closed.
    package func nextData(from offset: Int) throws(DiskError) -> Int? {
        guard let file = openFile.withLock({ $0 }) else { return offset < dataEnd ? offset : nil }
        guard let found = try file.nextData(from: start + offset) else { return nil }
        return found < start + header.capacity ? found - start : nil
    }
}

extension StoreError {
    /// A segment is shorter than its header says.
    static func cutShort(_ header: SegmentHeader, size: Int) -> StoreError {
        StoreError(
            .damaged,
            "Segment \(header.number) is \(size) bytes long where its header says \(header.capacity): salvage what is whole, or restore a backup."
        )
    }
}
