// Copies a segment, or a beginning of it, to another store of the same id, byte by byte: dictionary, frames, salt and all.
// Each frame is checked where it stands, and that it continues the chain, before it is written. The copy is made under the
// name for the unfinished, synced, and renamed into its place: at each moment the name leads to a whole file.

internal import Recall

/// Copies one segment. Used once.
struct SegmentCopier {
    let source: SegmentFile
    let part: SegmentPart
    /// The store that it is a segment of.
    let origin: CopySource
    let target: DirectoryLayout
    let work: CopyWork
    /// Whether zeros are written behind the frames: where they were cut off there, nothing may follow that could
    /// continue them, whatever the file system's new space holds.
    var isClearedBehind = false
    /// Whether the copy has no more room than a segment must have.
    var isCompact = false

    /// So much is written and synced at a time.
    static let pieceBytes = 1 << 20
    private static let blockBytes = 4096

    private var header: SegmentHeader { source.header }

    /// Copies the segment. It is durable on return, in the place of an earlier one.
    /// - Returns: how many bytes were copied.
    func copy() throws(StoreError) -> Int {
        let number = header.number
        if let copy = source.damagedCopies().first {
            throw StoreError(
                .damaged,
                "\(origin.layout.path) is damaged in segment \(number) at offset \(copy.offset): \(copy.message)."
            )
        }
        let file: any DiskFile
        do throws(DiskError) { file = try target.makeReplacement(ofSegment: number) } catch {
            throw failure(error)
        }
        let count: Int
        do throws(StoreError) {
            count = try fill(file)
            do throws(DiskError) {
                try file.sync()
                target.deleteIndexes(ofSegment: number)
                try target.putReplacement(ofSegment: number)
            } catch { throw failure(error) }
        } catch {
            target.dropReplacement(ofSegment: number)
            throw error
        }
        do throws(DiskError) { try target.syncSegments() } catch { throw failure(error) }
        return count
    }

    private func failure(_ error: DiskError) -> StoreError {
        StoreError(error, doing: "copy segment \(header.number) to \(target.path)")
    }

    private func fill(_ file: any DiskFile) throws(StoreError) -> Int {
        let kept = isCompact ? nil : try capacity()
        if let kept { try setSize(of: file, to: kept) }
        var capacity = kept ?? 0
        let end = try source.withBytes { (bytes) throws(StoreError) -> Int in
            let end = try copyFrames(bytes, to: file)
            if isCompact {
                capacity = compactCapacity(endOffset: end)
                try setSize(of: file, to: capacity)
            }
            if capacity != header.capacity { try writeHeader(bytes, capacity: capacity, to: file) }
            return end
        }
        if isClearedBehind {
            do throws(DiskError) { try file.writeZeros(from: end, to: capacity) } catch {
                throw failure(error)
            }
        }
        return end
    }

    private func setSize(of file: any DiskFile, to capacity: Int) throws(StoreError) {
        do throws(DiskError) {
            // Space is kept where a writer may append: it stores through a map where that cannot fail.
            switch part {
            case .sealed: try file.truncate(to: capacity)
            case .frames: try file.preallocate(size: capacity)
            }
        } catch { throw failure(error) }
    }

    /// Checks and writes everything up to the end of what is copied.
    private func copyFrames(_ bytes: RawSpan, to file: any DiskFile) throws(StoreError) -> Int {
        var chain = FrameChain(IndexCoverage(startOf: header), in: source.context)
        var written = 0
        while !part.isComplete(at: chain) {
            do throws(FormatError) { _ = try chain.next(bytes) } catch {
                throw origin.damage(of: source, part, at: chain.offset, error.reason)
            }
            if chain.offset - written >= Self.pieceBytes {
                try write(bytes, from: written, to: chain.offset, file)
                written = chain.offset
            }
        }
        guard chain.nextPosition == part.nextPosition else {
            throw origin.damage(
                of: source, part, at: chain.offset,
                "its events do not end where those of the next segment begin")
        }
        try write(bytes, from: written, to: chain.offset, file)
        return chain.offset
    }

    private func write(
        _ bytes: RawSpan, from start: Int, to end: Int, _ file: any DiskFile
    ) throws(StoreError) {
        var offset = start
        while offset < end {
            let count = min(Self.pieceBytes, end - offset)
            do throws(DiskError) {
                try file.write(bytes.extracting(offset ..< offset + count), at: offset)
                if offset + count < end || end - start >= Self.pieceBytes { try file.sync() }
            } catch { throw failure(error) }
            try work.advance(count)
            offset += count
        }
    }

    // MARK: Room behind the frames

    /// The size of the copy. A segment that was rewritten has no room behind its seal: where it is cut in front of that, a writer
    /// must be able to open and seal it again.
    private func capacity() throws(StoreError) -> Int {
        guard case .frames(let endOffset, _) = part, endOffset + Format.sealReserve > header.capacity else {
            return header.capacity
        }
        let capacity = Self.wholeBlocks(endOffset + Format.sealReserve)
        guard capacity <= Format.segmentBytesMax else {
            throw StoreError(
                .unsupported,
                "Segment \(header.number) of \(origin.layout.path) leaves no room for a store to end there: choose another position."
            )
        }
        return capacity
    }

    /// What a segment needs that nothing is appended to but what closes it.
    private func compactCapacity(endOffset: Int) -> Int {
        let capacity = Self.wholeBlocks(
            max(endOffset + Format.sealReserve, 2 * header.framesOffset, Format.segmentBytesMin))
        return min(capacity, max(header.capacity, Format.segmentBytesMin))
    }

    private static func wholeBlocks(_ size: Int) -> Int {
        (size + blockBytes - 1) / blockBytes * blockBytes
    }

    /// Writes the header with another capacity, and all else as it is.
    private func writeHeader(
        _ bytes: RawSpan, capacity: Int, to file: any DiskFile
    ) throws(StoreError) {
        var sector = ByteWriter(capacity: Format.headerSize)
        sector.bytes(bytes.extracting(0 ..< Format.headerChecksumOffset))
        // The high half is 0, since no capacity is larger than 1 GiB.
        sector.replace(UInt32(capacity), at: Format.segmentCapacityOffset)
        let checksum = sector.withBytes { Checksum.crc32c($0) }
        sector.integer(checksum)
        do throws(DiskError) {
            for copy in 0 ..< Format.headerCopyCount {
                try sector.withBytes { (bytes) throws(DiskError) in
                    try file.write(bytes, at: HeaderCopies.offset(ofCopy: copy))
                }
            }
        } catch { throw failure(error) }
    }
}
