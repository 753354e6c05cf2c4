// An index as a file: sorted sections, mapped and searched in place. Its checksums are computed once,
// before the first look-up is answered; an index that does not hold is made again from the frames.
// Layout: docs/format.md, "Indexes".

/// A mapped index whose checksums hold.
package struct IndexFile: Sendable {
    private struct Section: Sendable {
        var offset: Int
        var count: Int
    }

    private static let aggregateSize = 40
    private static let entrySizes = [aggregateSize, 4, 8, 8]

    package let coverage: IndexCoverage
    private let map: any DiskMap
    private let sections: [Section]

    /// Reads the header and checks that the sections lie inside the file and hold.
    package init(_ map: any DiskMap, of segment: SegmentHeader) throws(FormatError) {
        self.map = map
        let bytes = UnsafeRawBufferPointer(start: map.base, count: map.count).bytes
        var reader = try HeaderSector.open(bytes, magic: Format.indexMagic, what: "index header")
        let storeID = try reader.identifier(bytes)
        let number = try reader.integer(UInt64.self, bytes)
        let salt = try reader.integer(UInt32.self, bytes)
        let epoch = try reader.integer(UInt32.self, bytes)
        let startOffset = Int(try reader.integer(UInt32.self, bytes))
        let endOffset = Int(try reader.integer(UInt32.self, bytes))
        let firstPosition = try reader.integer(UInt64.self, bytes)
        let nextPosition = try reader.integer(UInt64.self, bytes)
        let lastTime = try reader.integer(Int64.self, bytes)
        let frameCount = try reader.integer(UInt64.self, bytes)
        let durable = try reader.integer(UInt64.self, bytes)
        guard storeID == segment.storeID, number == segment.number, salt == segment.salt,
            startOffset == segment.framesOffset, endOffset >= startOffset, endOffset <= segment.capacity,
            firstPosition == segment.firstPosition, nextPosition >= firstPosition,
            nextPosition - firstPosition <= UInt64(segment.capacity),
            frameCount <= UInt64(segment.capacity), durable < nextPosition
        else { throw FormatError("the index belongs to another segment") }
        coverage = IndexCoverage(
            segmentNumber: number, salt: salt, epoch: epoch, startOffset: startOffset, endOffset: endOffset,
            firstPosition: firstPosition, nextPosition: nextPosition, lastTime: lastTime,
            frameCount: Int(frameCount), durablePosition: durable)
        var sections: [Section] = []
        for size in Self.entrySizes {
            let offset = try reader.integer(UInt64.self, bytes)
            let count = try reader.integer(UInt64.self, bytes)
            let checksum = try reader.integer(UInt32.self, bytes)
            _ = try reader.integer(UInt32.self, bytes)
            guard offset <= UInt64(bytes.byteCount),
                count <= (UInt64(bytes.byteCount) - offset) / UInt64(size)
            else { throw FormatError("a section of the index lies outside of it") }
            let start = Int(offset)
            let end = start + Int(count) * size
            guard Checksum.crc32c(bytes.extracting(start ..< end)) == checksum else {
                throw FormatError("the checksum of a section of the index does not hold")
            }
            sections.append(Section(offset: start, count: Int(count)))
        }
        self.sections = sections
    }

    /// Writes an index of everything that `index` covers.
    package static func encode(_ index: ActiveIndex, of segment: SegmentHeader, to writer: inout ByteWriter) {
        var bodies = ByteWriter(capacity: 1 << 16)
        var table: [(offset: Int, count: Int)] = []
        func begin(_ count: Int) { table.append((Format.headerSize + bodies.count, count)) }

        let aggregates = index.sortedAggregates()
        begin(aggregates.count)
        var firstReference: UInt32 = 0
        for entry in aggregates {
            bodies.identifier(entry.id)
            bodies.integer(entry.version)
            bodies.integer(entry.graphPosition)
            bodies.integer(firstReference)
            bodies.integer(UInt32(entry.referenceCount))
            firstReference += UInt32(entry.referenceCount)
        }
        begin(Int(firstReference))
        for entry in aggregates {
            for offset in index.offsets(of: entry) { bodies.integer(UInt32(offset)) }
        }
        let ids = index.ids.sortedEntries()
        begin(ids.count)
        for entry in ids {
            bodies.integer(UInt32(truncatingIfNeeded: entry >> 32))
            bodies.integer(UInt32(truncatingIfNeeded: entry))
        }
        begin(index.positions.count)
        for entry in index.positions {
            bodies.integer(entry.delta)
            bodies.integer(entry.offset)
        }

        let coverage = index.coverage
        HeaderSector.begin(&writer, magic: Format.indexMagic)
        writer.identifier(segment.storeID)
        writer.integer(coverage.segmentNumber)
        writer.integer(coverage.salt)
        writer.integer(coverage.epoch)
        writer.integer(UInt32(coverage.startOffset))
        writer.integer(UInt32(coverage.endOffset))
        writer.integer(coverage.firstPosition)
        writer.integer(coverage.nextPosition)
        writer.integer(coverage.lastTime)
        writer.integer(UInt64(coverage.frameCount))
        writer.integer(coverage.durablePosition)
        for (section, size) in zip(table, entrySizes) {
            writer.integer(UInt64(section.offset))
            writer.integer(UInt64(section.count))
            let start = section.offset - Format.headerSize
            let checksum = bodies.withBytes {
                Checksum.crc32c($0.extracting(start ..< start + section.count * size))
            }
            writer.integer(checksum)
            writer.integer(UInt32(0))
        }
        HeaderSector.finish(&writer)
        bodies.withBytes { writer.bytes($0) }
    }

    // MARK: Look-ups

    package var aggregateCount: Int { sections[0].count }

    @inline(__always)
    private func withBytes<Result>(_ body: (RawSpan) -> Result) -> Result {
        // The map lives as long as self. Offsets below were checked against its size by init.
        body(UnsafeRawBufferPointer(start: map.base, count: map.count).bytes)
    }

    private func integer(_ section: Int, _ index: Int, size: Int, field: Int = 0, _ bytes: RawSpan) -> UInt32
    {
        let offset = sections[section].offset + index * size + field
        return UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    package func aggregate(_ id: RawIdentifier) -> AggregateEntry? {
        withBytes { bytes in
            let start = sections[0].offset
            let index = partitionIndex(of: sections[0].count) {
                RawIdentifier(bytes, at: start + $0 * Self.aggregateSize) >= id
            }
            guard index < sections[0].count else { return nil }
            let entry = aggregate(at: index, bytes)
            return entry.id == id ? entry : nil
        }
    }

    private func aggregate(at index: Int, _ bytes: RawSpan) -> AggregateEntry {
        let start = sections[0].offset + index * Self.aggregateSize
        return AggregateEntry(
            id: RawIdentifier(bytes, at: start),
            version: UInt64(
                littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: start + 16, as: UInt64.self)),
            graphPosition: UInt64(
                littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: start + 24, as: UInt64.self)),
            reference: Int(integer(0, index, size: Self.aggregateSize, field: 32, bytes)),
            referenceCount: Int(integer(0, index, size: Self.aggregateSize, field: 36, bytes)))
    }

    /// All aggregates, in the order of their ids.
    package func forEachAggregate(_ body: (AggregateEntry) -> Void) {
        withBytes { bytes in
            for index in 0 ..< sections[0].count { body(aggregate(at: index, bytes)) }
        }
    }

    /// Offsets of the frames that list an aggregate, ascending.
    package func offsets(of entry: AggregateEntry) -> [Int] {
        withBytes { bytes in
            guard entry.reference >= 0, entry.referenceCount >= 0,
                entry.reference <= sections[1].count - entry.referenceCount
            else { return [] }
            return (entry.reference ..< entry.reference + entry.referenceCount).map {
                Int(integer(1, $0, size: 4, bytes))
            }
        }
    }

    /// Calls `body` with the offset of each frame that may hold an id with this fingerprint.
    package func forEachOffset(of fingerprint: UInt32, _ body: (UInt32) -> Void) {
        withBytes { bytes in
            var index = fingerprintIndex(fingerprint, bytes)
            while index < sections[2].count, integer(2, index, size: 8, bytes) == fingerprint {
                body(integer(2, index, size: 8, field: 4, bytes))
                index += 1
            }
        }
    }

    /// Whether a frame may hold an id with this fingerprint.
    package func mayHold(_ fingerprint: UInt32) -> Bool {
        withBytes { bytes in
            let index = fingerprintIndex(fingerprint, bytes)
            return index < sections[2].count && integer(2, index, size: 8, bytes) == fingerprint
        }
    }

    /// The index of the first entry whose fingerprint is not less. Fingerprints are spread evenly, so the
    /// place can be guessed; from there the search widens, which touches one or two pages of the file.
    private func fingerprintIndex(_ fingerprint: UInt32, _ bytes: RawSpan) -> Int {
        let count = sections[2].count
        let guess = Int((UInt64(fingerprint) &* UInt64(count)) >> 32)
        var low = guess
        var high = guess
        var width = 32
        while low > 0, integer(2, low, size: 8, bytes) >= fingerprint {
            low = Swift.max(0, low - width)
            width *= 2
        }
        width = 32
        while high < count, integer(2, high, size: 8, bytes) < fingerprint {
            high = Swift.min(count, high + width)
            width *= 2
        }
        return low + partitionIndex(of: high - low) { integer(2, low + $0, size: 8, bytes) >= fingerprint }
    }

    /// Where reading towards a position begins: the offset of a commit frame at or before it.
    package func offset(before position: UInt64) -> Int? {
        guard position >= coverage.firstPosition else { return nil }
        let delta = position - coverage.firstPosition
        return withBytes { bytes in
            let index = partitionIndex(of: sections[3].count) {
                UInt64(integer(3, $0, size: 8, bytes)) > delta
            }
            return index == 0 ? nil : Int(integer(3, index - 1, size: 8, field: 4, bytes))
        }
    }
}
