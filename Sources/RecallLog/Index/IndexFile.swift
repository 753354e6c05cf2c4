// An index as a file: sorted sections, mapped and searched in place. Opening it reads its first block
// alone; every other block is checked when a look-up first comes to it. A block that does not hold
// makes the whole index count for nothing: it is made again from the frames, and never answers wrongly.
// Layout: docs/format.md, "Indexes".

/// A mapped index of segments that follow each other.
package final class IndexFile: Sendable {
    package let header: IndexHeader
    private let map: any DiskMap
    // The map's memory, which is only read and lives as long as the map.
    private nonisolated(unsafe) let base: UnsafeRawPointer
    private let verified: VerifiedBlocks

    /// Reads the header and checks that the sections are what fills the file.
    /// - Parameter segments: what the index is to cover, all of it; the last one may go on behind it.
    package init(
        _ map: any DiskMap, of segments: some BidirectionalCollection<SegmentHeader>
    ) throws(FormatError) {
        let size = IndexFormat.blockSize
        guard map.count >= size, map.count % size == 0 else { throw FormatError("the index is cut short") }
        let base = UnsafeRawPointer(map.base)
        let first = UnsafeRawBufferPointer(start: base, count: size)
        header = try IndexHeader(decoding: first.bytes, blockCount: map.count / size, of: segments)
        self.map = map
        self.base = base
        verified = VerifiedBlocks(blockCount: map.count / size)
        _ = try block(0)
    }

    package var coverage: IndexCoverage { header.coverage }
    package var aggregateCount: Int { header[.aggregates].count }
    package var referenceCount: Int { header[.references].count }
    package var eventIDCount: Int { header[.eventIDs].count }

    // MARK: Blocks

    /// How many blocks have been looked at, the first among them.
    package var verifiedBlockCount: Int { verified.count }

    /// Looks at all blocks.
    package func verify() throws(FormatError) {
        for number in 0 ..< map.count / IndexFormat.blockSize { _ = try block(number) }
    }

    /// The bytes of a block that holds.
    /// - Parameter number: of a block that the file has, as all are that belong to a section.
    @inline(__always)
    private func block(_ number: Int) throws(FormatError) -> UnsafeRawPointer {
        let start = base + number * IndexFormat.blockSize
        if !verified.contains(number) { try verify(start, number) }
        return start
    }

    private func verify(_ start: UnsafeRawPointer, _ number: Int) throws(FormatError) {
        let content = UnsafeRawBufferPointer(start: start, count: IndexFormat.blockContentSize)
        let stated = UInt32(
            littleEndian: start.load(fromByteOffset: IndexFormat.blockContentSize, as: UInt32.self))
        guard stated == IndexHeader.checksum(content, block: number, digest: header.digest) else {
            throw FormatError("the checksum of a block of the index does not hold")
        }
        verified.insert(number)
    }

    /// The bytes of an entry.
    /// - Parameter index: below the section's count.
    @inline(__always)
    private func entry(_ kind: IndexSectionKind, _ index: Int) throws(FormatError) -> UnsafeRawPointer {
        let perBlock = header.entriesPerBlock(kind)
        let (block, place) = index.quotientAndRemainder(dividingBy: perBlock)
        return try self.block(header[kind].firstBlock + block) + place * header.entrySize(kind)
    }

    // MARK: Aggregates

    /// Where an aggregate stands in its section.
    package struct Aggregate: Hashable, Sendable {
        package var entry: AggregateEntry
        package var firstReference: Int
        package var referenceCount: Int
    }

    package func aggregate(_ id: RawIdentifier) throws(FormatError) -> Aggregate? {
        let hash = id.mixed
        guard try mayHold(UInt32(truncatingIfNeeded: hash >> 32), .aggregateFilter) else { return nil }
        var index = try search(.aggregates, for: hash)
        while index < aggregateCount {
            let found = RawIdentifier(at: try entry(.aggregates, index))
            if found == id { return try aggregate(at: index) }
            guard found.mixed == hash else { return nil }
            index += 1
        }
        return nil
    }

    /// - Parameter index: below `aggregateCount`.
    package func aggregate(at index: Int) throws(FormatError) -> Aggregate {
        let bytes = try entry(.aggregates, index)
        return Aggregate(
            entry: AggregateEntry(
                id: RawIdentifier(at: bytes), version: UInt64(at: bytes + 16),
                graphPosition: UInt64(at: bytes + 24)),
            firstReference: Int(UInt32(at: bytes + 32)), referenceCount: Int(UInt32(at: bytes + 36)))
    }

    /// Where the references of an aggregate stand, in the order of their frames.
    package func references(of aggregate: Aggregate) throws(FormatError) -> Range<Int> {
        guard aggregate.referenceCount <= referenceCount,
            aggregate.firstReference <= referenceCount - aggregate.referenceCount
        else { throw FormatError("an aggregate names references that the index does not have") }
        return aggregate.firstReference ..< aggregate.firstReference + aggregate.referenceCount
    }

    /// - Parameter index: below `referenceCount`.
    package func reference(at index: Int) throws(FormatError) -> IndexReference {
        try reference(at: try entry(.references, index))
    }

    @inline(__always)
    private func reference(at bytes: UnsafeRawPointer) throws(FormatError) -> IndexReference {
        var ordinal: UInt32 = 0
        for place in 4 ..< header.referenceSize {
            let byte = bytes.load(fromByteOffset: place, as: UInt8.self)
            ordinal |= UInt32(byte) << UInt32(8 * (place - 4))
        }
        guard UInt64(ordinal) < header.segmentCount else {
            throw FormatError("the index names a segment that it does not cover")
        }
        return IndexReference(ordinal: ordinal, offset: UInt32(at: bytes))
    }

    // MARK: Event ids

    /// Whether a frame may hold an event id. Nothing but the header is looked at for ids that are greater than all
    /// those before, as ids are that are made in the order of time.
    @inline(__always)
    package func mayHold(_ id: RawIdentifier) throws(FormatError) -> Bool {
        if header.idMax < id || id < header.idMin { return false }
        let fingerprint = id.fingerprint
        guard try mayHold(fingerprint, .eventFilter) else { return false }
        let index = try search(.eventIDs, for: UInt64(fingerprint) << 32)
        guard index < eventIDCount else { return false }
        return UInt32(at: try entry(.eventIDs, index)) == fingerprint
    }

    /// The frames that may hold an event id.
    package func references(toEvent id: RawIdentifier) throws(FormatError) -> [IndexReference] {
        if header.idMax < id || id < header.idMin { return [] }
        return try references(toFingerprint: id.fingerprint)
    }

    package func references(toFingerprint fingerprint: UInt32) throws(FormatError) -> [IndexReference] {
        guard try mayHold(fingerprint, .eventFilter) else { return [] }
        var index = try search(.eventIDs, for: UInt64(fingerprint) << 32)
        var result: [IndexReference] = []
        while index < eventIDCount {
            let found = try eventID(at: index)
            guard found.fingerprint == fingerprint else { break }
            result.append(found.reference)
            index += 1
        }
        return result
    }

    /// - Parameter index: below `eventIDCount`.
    package func eventID(
        at index: Int
    ) throws(FormatError) -> (fingerprint: UInt32, reference: IndexReference) {
        let bytes = try entry(.eventIDs, index)
        return (UInt32(at: bytes), try reference(at: bytes + IndexFormat.fingerprintSize))
    }

    // MARK: Positions

    package var positionCount: Int { header[.positions].count }

    /// - Parameter index: below `positionCount`.
    package func position(
        at index: Int
    ) throws(FormatError) -> (position: UInt64, reference: IndexReference) {
        let bytes = try entry(.positions, index)
        return (
            UInt64(at: bytes), IndexReference(ordinal: UInt32(at: bytes + 8), offset: UInt32(at: bytes + 12))
        )
    }

    /// Where reading towards a position begins in one of the segments: the offset of a commit frame at or
    /// before it; nil where the index knows none.
    package func offset(before position: UInt64, inSegment ordinal: UInt32) throws(FormatError) -> Int? {
        var low = 0
        var high = positionCount
        while low < high {
            let middle = (low + high) / 2
            let found = try self.position(at: middle)
            if found.reference.ordinal > ordinal || found.position > position {
                high = middle
            } else {
                low = middle + 1
            }
        }
        guard low > 0 else { return nil }
        let found = try self.position(at: low - 1)
        return found.reference.ordinal == ordinal ? Int(found.reference.offset) : nil
    }

    // MARK: Searching

    @inline(__always)
    private func mayHold(_ fingerprint: UInt32, _ kind: IndexSectionKind) throws(FormatError) -> Bool {
        let lineCount = header[kind].count
        guard lineCount > 0 else { return false }
        let line = IndexFilter.line(of: fingerprint, lineCount: lineCount)
        return IndexFilter.mayHold(fingerprint, line: try entry(kind, line))
    }

    /// The hash by which a section is sorted; fingerprints are the high half of one.
    @inline(__always)
    private func key(_ kind: IndexSectionKind, _ index: Int) throws(FormatError) -> UInt64 {
        let bytes = try entry(kind, index)
        return kind == .aggregates
            ? RawIdentifier(at: bytes).mixed : UInt64(UInt32(at: bytes)) << 32
    }

    /// The first index whose key is not less. Keys are spread evenly, so the place is guessed between
    /// the nearest ones that are known, block by block: two blocks are touched as a rule. Should they not
    /// be even after all, halving ends it.
    private func search(_ kind: IndexSectionKind, for key: UInt64) throws(FormatError) -> Int {
        let perBlock = header.entriesPerBlock(kind)
        var low = 0
        var high = header[kind].count
        var lowKey: UInt64 = 0
        var highKey = UInt64.max
        var stepCount = 0
        while low < high {
            var guess = low + (high - low) / 2
            if stepCount < 4, lowKey <= key, key <= highKey, lowKey < highKey {
                let share = Double(key - lowKey) / Double(highKey - lowKey)
                guess = low + Int(share * Double(high - low))
            }
            stepCount += 1
            let start = max(low, min(guess, high - 1) / perBlock * perBlock)
            let end = min(high, start / perBlock * perBlock + perBlock)
            let first = try self.key(kind, start)
            if first >= key {
                (high, highKey) = (start, first)
                continue
            }
            let last = try self.key(kind, end - 1)
            if last < key {
                (low, lowKey) = (end, last)
                continue
            }
            // The place is in this block, behind its first entry.
            low = start + 1
            high = end
            while low < high {
                let middle = (low + high) / 2
                if try self.key(kind, middle) >= key { high = middle } else { low = middle + 1 }
            }
        }
        return low
    }
}
