// The segments of a single-file store whose table of contents is lost. Each begins with its header at a whole unit, so that
// the units can be looked at one by one. What is found may also be left over from a segment that was let go since, or be an
// event's payload that looks like a header. So what is in the middle of frames that hold is no segment, and of the places
// that name the same one, that is taken which holds the most. Nothing is believed but checksums.
//
// Places are kept, not what is in them: one segment at a time is in memory, of 1 GiB at most. What was found is read once more
// when it is copied.

internal import Recall

/// Finds segments by their headers.
struct SegmentSearch {
    /// Where a header is, and what holds of the frames behind it.
    private struct Place {
        var header: SegmentHeader
        /// In the file of the store, in bytes.
        var offset: Int
        var eventCount = 0
        /// Where frames are that hold, in the file of the store.
        var frames: [Range<Int>] = []

        /// - Throws: what the disk reported.
        init(_ file: SegmentFile, at offset: Int) throws(StoreError) {
            header = file.header
            self.offset = offset
            var eventCount = 0
            let walk = try SegmentWalk(file, from: IndexCoverage(startOf: file.header), isFollowed: true) {
                (link, _) throws(StoreError) in
                eventCount += link.commit?.eventCount ?? 0
            }
            self.eventCount = eventCount
            var start = file.header.framesOffset
            for region in walk.damage + [walk.end] where region.endOffset > start {
                if region.offset > start { frames.append(offset + start ..< offset + region.offset) }
                start = region.endOffset
            }
        }
    }

    /// What was found of headers.
    private struct Headers {
        var segments: [(header: SegmentHeader, offset: Int)] = []
        var stores: [StoreHeader] = []
        /// Whether there was one of a newer program.
        var hasUnknownVersion = false
        /// What the medium does not give back where headers may be, in the file of the store.
        var unreadable: [Range<Int>] = []
    }

    /// The header of the store that the segments belong to; nil where it is lost, too.
    let header: StoreHeader?
    /// By number, ascending.
    let segments: [SegmentHeader]
    /// What the medium does not give back of all that is no segment's, in bytes of the file.
    let unreadable: [Range<Int>]
    private let file: any DiskFile
    private let offsets: [UInt64: Int]

    /// Looks at every unit, and at every frame of what begins there.
    /// - Parameter disk: where the file is.
    /// - Throws: `unsupported` where there is nothing but what a newer program wrote, or what the system refused.
    init(_ path: String, on disk: any Disk) throws(StoreError) {
        let file: any DiskFile
        let found: Headers
        let leading: [Range<Int>]
        do throws(DiskError) {
            file = try disk.open(path, .readOnly)
            try file.announceReader()
            leading = try Self.unreadableLeading(file)
            found = try Self.headers(in: file)
        } catch {
            throw StoreError(error, doing: "look for segments in \(path)")
        }
        guard !found.segments.isEmpty || !found.hasUnknownVersion else {
            throw StoreError(
                .unsupported,
                "What is in \(path) was written by a newer program: salvage it with a newer version.")
        }
        var places: [Place] = []
        for (header, offset) in found.segments {
            places.append(try Place(try Self.read(header, at: offset, of: file), at: offset))
        }
        let frames = places.flatMap(\.frames)
        places.removeAll { place in frames.contains { $0.contains(place.offset) } }
        let storeID = Self.mostFrequentStoreID(places)
        var best: [UInt64: Place] = [:]
        for place in places where place.header.storeID == storeID {
            if let other = best[place.header.number], other.eventCount >= place.eventCount { continue }
            best[place.header.number] = place
        }
        segments = best.values.map(\.header).sorted { $0.number < $1.number }
        header = found.stores.first { $0.storeID == storeID }
        self.file = file
        offsets = best.mapValues(\.offset)
        let taken = best.values.map { $0.offset ..< $0.offset + $0.header.capacity }
        unreadable = Self.joined(leading + found.unreadable).filter { range in
            !taken.contains { $0.overlaps(range) }
        }
    }

    /// Reads a segment that was found into memory.
    /// - Throws: what the disk reported, other than that the medium failed.
    func open(_ header: SegmentHeader) throws(StoreError) -> SegmentFile {
        try Self.read(header, at: offsets[header.number] ?? 0, of: file)
    }

    private static func read(
        _ header: SegmentHeader, at offset: Int, of file: any DiskFile
    ) throws(StoreError) -> SegmentFile {
        do throws(DiskError) {
            return SegmentFile(
                header: header, copy: try FileCopy(file, from: offset, upTo: header.capacity))
        } catch {
            throw StoreError(error, doing: "read segment \(header.number)")
        }
    }

    /// The same bytes, ascending, none touching the next.
    private static func joined(_ ranges: [Range<Int>]) -> [Range<Int>] {
        ranges.sorted { $0.lowerBound < $1.lowerBound }.reduce(into: []) { $0.appendJoined($1) }
    }

    /// What the medium does not give back of the superblocks and of the tables that they lead to.
    private static func unreadableLeading(_ file: any DiskFile) throws(DiskError) -> [Range<Int>] {
        let pair = try SuperblockPair(file)
        guard let latest = pair.latest else { return pair.unreadable }
        let tables = try TableCopies(file, of: latest, fileSize: try file.size())
        return pair.unreadable + tables.unreadable
    }

    /// All headers at the beginnings of units. What the medium does not give back is passed over, and known.
    private static func headers(in file: any DiskFile) throws(DiskError) -> Headers {
        var found = Headers()
        let size = try file.size()
        var offset = SingleFileFormat.headSize
        while offset < min(size, SingleFileFormat.fileSizeMax), let data = try file.nextData(from: offset) {
            offset = max(offset, data / SingleFileFormat.unitSize * SingleFileFormat.unitSize)
            let copies = try FileCopy(
                file, from: offset, upTo: Format.headerCopiesSize, pieceMin: Format.headerSize)
            copies.withBytes { look(at: $0, offset, &found) }
            found.unreadable += copies.unreadable.map { offset + $0.lowerBound ..< offset + $0.upperBound }
            offset += SingleFileFormat.unitSize
        }
        return found
    }

    private static func look(at bytes: RawSpan, _ offset: Int, _ found: inout Headers) {
        do throws(FormatError) {
            let header = try HeaderCopies.first(in: bytes) { (copy) throws(FormatError) in
                try SegmentHeader(decoding: copy)
            }
            found.segments.append((header, offset))
        } catch {
            if error.isOfUnknownVersion { found.hasUnknownVersion = true }
            let store = try? HeaderCopies.first(in: bytes) { (copy) throws(FormatError) in
                try StoreHeader(decoding: copy)
            }
            if let store { found.stores.append(store) }
        }
    }

    /// Several stores may have been in one file: what a restore left that was begun again.
    private static func mostFrequentStoreID(_ places: [Place]) -> RawIdentifier? {
        var counts: [RawIdentifier: Int] = [:]
        for place in places { counts[place.header.storeID, default: 0] += 1 }
        return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }
}

extension SegmentWalk {
    /// Where frames end, as a region without bytes.
    fileprivate var end: DamagedRegion {
        DamagedRegion(
            segmentNumber: chain.segment.header.number, offset: chain.offset, endOffset: .max,
            firstPosition: chain.nextPosition, lastPosition: chain.nextPosition - 1, reason: "")
    }
}
