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
    // What look-ups ask of the header again and again.
    private let aggregates: SectionPlace
    private let references: SectionPlace
    private let eventIDs: SectionPlace
    private let positions: SectionPlace
    private let aggregateFilter: SectionPlace
    private let eventFilter: SectionPlace
    private let referenceSize: Int

    /// Where the entries of a section are.
    private struct SectionPlace {
        let firstBlock: Int
        let count: Int
        let entrySize: Int
        let perBlock: Int

        init(_ kind: IndexSectionKind, of header: IndexHeader) {
            firstBlock = header[kind].firstBlock
            count = header[kind].count
            entrySize = header.entrySize(kind)
            perBlock = header.entriesPerBlock(kind)
        }
    }

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
        aggregates = SectionPlace(.aggregates, of: header)
        references = SectionPlace(.references, of: header)
        eventIDs = SectionPlace(.eventIDs, of: header)
        positions = SectionPlace(.positions, of: header)
        aggregateFilter = SectionPlace(.aggregateFilter, of: header)
        eventFilter = SectionPlace(.eventFilter, of: header)
        referenceSize = header.referenceSize
        _ = try block(0)
    }

    package var coverage: IndexCoverage { header.coverage }
    package var aggregateCount: Int { aggregates.count }
    package var referenceCount: Int { references.count }
    package var eventIDCount: Int { eventIDs.count }

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
    private func entry(_ section: SectionPlace, _ index: Int) throws(FormatError) -> UnsafeRawPointer {
        let (block, place) = index.quotientAndRemainder(dividingBy: section.perBlock)
        return try self.block(section.firstBlock + block) + place * section.entrySize
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
        guard try mayHold(UInt32(truncatingIfNeeded: hash >> 32), aggregateFilter) else { return nil }
        var index = try search(aggregates, for: hash, keyOf: Self.hash)
        while index < aggregateCount {
            let found = RawIdentifier(at: try entry(aggregates, index))
            if found == id { return try aggregate(at: index) }
            guard found.mixed == hash else { return nil }
            index += 1
        }
        return nil
    }

    /// - Parameter index: below `aggregateCount`.
    package func aggregate(at index: Int) throws(FormatError) -> Aggregate {
        let bytes = try entry(aggregates, index)
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
        try reference(at: try entry(references, index))
    }

    @inline(__always)
    private func reference(at bytes: UnsafeRawPointer) throws(FormatError) -> IndexReference {
        var ordinal: UInt32 = 0
        for place in 4 ..< referenceSize {
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
        guard try mayHold(fingerprint, eventFilter) else { return false }
        let index = try search(eventIDs, for: UInt64(fingerprint) << 32, keyOf: Self.shiftedFingerprint)
        guard index < eventIDCount else { return false }
        return UInt32(at: try entry(eventIDs, index)) == fingerprint
    }

    /// The frames that may hold an event id.
    package func references(toEvent id: RawIdentifier) throws(FormatError) -> [IndexReference] {
        if header.idMax < id || id < header.idMin { return [] }
        return try references(toFingerprint: id.fingerprint)
    }

    package func references(toFingerprint fingerprint: UInt32) throws(FormatError) -> [IndexReference] {
        guard try mayHold(fingerprint, eventFilter) else { return [] }
        var index = try search(eventIDs, for: UInt64(fingerprint) << 32, keyOf: Self.shiftedFingerprint)
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
        let bytes = try entry(eventIDs, index)
        return (UInt32(at: bytes), try reference(at: bytes + IndexFormat.fingerprintSize))
    }

    // MARK: Positions

    package var positionCount: Int { positions.count }

    /// - Parameter index: below `positionCount`.
    package func position(
        at index: Int
    ) throws(FormatError) -> (position: UInt64, reference: IndexReference) {
        let bytes = try entry(positions, index)
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
    private func mayHold(_ fingerprint: UInt32, _ filter: SectionPlace) throws(FormatError) -> Bool {
        guard filter.count > 0 else { return false }
        let line = IndexFilter.line(of: fingerprint, lineCount: filter.count)
        return IndexFilter.mayHold(fingerprint, line: try entry(filter, line))
    }

    @inline(__always)
    private static func hash(_ bytes: UnsafeRawPointer) -> UInt64 { RawIdentifier(at: bytes).mixed }

    /// The hash of an event id, as far as the index has it.
    @inline(__always)
    private static func shiftedFingerprint(_ bytes: UnsafeRawPointer) -> UInt64 {
        UInt64(UInt32(at: bytes)) << 32
    }

    /// The first index whose key is not less. Keys are spread evenly, so the place is guessed between
    /// the nearest ones that are known, block by block: two blocks are touched as a rule. Should they not
    /// be even after all, halving ends it.
    @inline(__always)
    private func search(
        _ section: SectionPlace, for key: UInt64, keyOf: (UnsafeRawPointer) -> UInt64
    ) throws(FormatError) -> Int {
        // The block behind the last one that lies before the place; the first one that lies behind it.
        var low = 0
        var high = (section.count + section.perBlock - 1) / section.perBlock
        var lowKey: UInt64 = 0
        var highKey = UInt64.max
        var stepCount = 0
        while low < high {
            var guess = low + (high - low) / 2
            if stepCount < 4, lowKey <= key, key <= highKey, lowKey < highKey {
                let share = Double(key - lowKey) / Double(highKey - lowKey)
                guess = min(high - 1, low + Int(share * Double(high - low)))
            }
            stepCount += 1
            let entries = try block(section.firstBlock + guess)
            let first = keyOf(entries)
            if first >= key, guess > 0 {
                (high, highKey) = (guess, first)
                continue
            }
            let count = min(section.perBlock, section.count - guess * section.perBlock)
            let last = keyOf(entries + (count - 1) * section.entrySize)
            if last < key {
                (low, lowKey) = (guess + 1, last)
                continue
            }
            // Guessed once more, and walked from there: neighbours come in the same lines of the cache.
            var place = 0
            if first < key, key <= last {
                place = min(count - 1, Int(Double(key - first) / Double(last - first) * Double(count)))
            }
            while place > 0, keyOf(entries + (place - 1) * section.entrySize) >= key { place -= 1 }
            while keyOf(entries + place * section.entrySize) < key, place < count - 1 { place += 1 }
            return guess * section.perBlock + place
        }
        return min(section.count, low * section.perBlock)
    }
}
