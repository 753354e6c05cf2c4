// The first block of an index file: which frames it stands for and where its sections are. Nothing
// in it is believed that the segments' own headers and the size of the file do not bear out.
// Layout: docs/format.md, "Indexes".

/// What the first block of an index file says.
package struct IndexHeader: Hashable, Sendable {
    /// Entries of one size, so many to a block.
    struct Section: Hashable, Sendable {
        var firstBlock = 0
        var count = 0
    }

    package var storeID: RawIdentifier
    package var segmentNumbers: ClosedRange<UInt64>
    /// Ties the file to these uses of these segments.
    var digest: UInt32
    /// Position of the first event of the first segment.
    package var firstPosition: UInt64
    /// Of the last segment.
    package var coverage: IndexCoverage
    /// Of the event ids; the lesser is greater than the greater one where there are none.
    package var idMin: RawIdentifier
    package var idMax: RawIdentifier
    var sections = [Section](repeating: Section(), count: IndexSectionKind.allCases.count)

    /// Of a file that covers these segments, which follow each other, the last one as far as `coverage` says.
    init?(_ segments: some Collection<SegmentHeader>, coverage: IndexCoverage) {
        guard let first = segments.first, first.number <= coverage.segmentNumber else { return nil }
        storeID = first.storeID
        segmentNumbers = first.number ... coverage.segmentNumber
        digest = Self.digest(of: segments)
        firstPosition = first.firstPosition
        self.coverage = coverage
        idMin = RawIdentifier(high: .max, low: .max)
        idMax = RawIdentifier(high: 0, low: 0)
    }

    var segmentCount: UInt64 { segmentNumbers.upperBound - segmentNumbers.lowerBound + 1 }
    var referenceSize: Int { IndexFormat.referenceSize(segmentCount: segmentCount) }

    subscript(kind: IndexSectionKind) -> Section {
        get { sections[kind.rawValue] }
        set { sections[kind.rawValue] = newValue }
    }

    func entrySize(_ kind: IndexSectionKind) -> Int {
        switch kind {
        case .aggregates: IndexFormat.aggregateSize
        case .references: referenceSize
        case .eventIDs: IndexFormat.fingerprintSize + referenceSize
        case .positions: IndexFormat.positionSize
        case .aggregateFilter, .eventFilter: IndexFormat.filterLineSize
        }
    }

    func entriesPerBlock(_ kind: IndexSectionKind) -> Int {
        IndexFormat.blockContentSize / entrySize(kind)
    }

    /// How many blocks the whole file has.
    var blockCount: Int {
        IndexSectionKind.allCases.reduce(1) { $0 + blockCount(of: $1) }
    }

    func blockCount(of kind: IndexSectionKind) -> Int {
        let perBlock = entriesPerBlock(kind)
        return (self[kind].count + perBlock - 1) / perBlock
    }

    /// A checksum over number, salt and first position of each segment.
    static func digest(of segments: some Collection<SegmentHeader>) -> UInt32 {
        var writer = ByteWriter(capacity: 20)
        var digest: UInt32 = 0
        for segment in segments {
            writer.removeAll()
            writer.integer(segment.number)
            writer.integer(segment.salt)
            writer.integer(segment.firstPosition)
            digest = writer.withBytes { Checksum.crc32c($0, after: digest) }
        }
        return digest
    }

    /// The checksum of a block: over the file's digest, the block's number and its content.
    static func checksum(_ content: UnsafeRawBufferPointer, block: Int, digest: UInt32) -> UInt32 {
        var place = (UInt64(UInt32(truncatingIfNeeded: block)) << 32 | UInt64(digest)).littleEndian
        let seed = withUnsafeBytes(of: &place) { Checksum.crc32c($0) }
        return Checksum.crc32c(content, after: seed)
    }

    // MARK: Bytes

    func encode(to writer: inout ByteWriter) {
        HeaderSector.begin(&writer, magic: Format.indexMagic)
        writer.identifier(storeID)
        writer.integer(segmentNumbers.lowerBound)
        writer.integer(segmentNumbers.upperBound)
        writer.integer(digest)
        writer.integer(coverage.epoch)
        writer.integer(UInt32(truncatingIfNeeded: coverage.endOffset))
        writer.integer(UInt32(referenceSize))
        writer.integer(firstPosition)
        writer.integer(coverage.nextPosition)
        writer.integer(coverage.lastTime)
        writer.integer(UInt64(coverage.frameCount))
        writer.integer(coverage.durablePosition)
        writer.identifier(idMin)
        writer.identifier(idMax)
        for section in sections {
            writer.integer(UInt64(section.firstBlock))
            writer.integer(UInt64(section.count))
        }
        HeaderSector.finish(&writer)
    }

    /// Reads the header of a file of `blockCount` blocks, which is to cover these segments.
    package init(
        decoding bytes: RawSpan, blockCount: Int, of segments: some BidirectionalCollection<SegmentHeader>
    ) throws(FormatError) {
        var reader = try HeaderSector.open(bytes, magic: Format.indexMagic, what: "index header")
        guard let firstSegment = segments.first, let lastSegment = segments.last else {
            throw FormatError("the index covers no segment")
        }
        let storeID = try reader.identifier(bytes)
        let first = try reader.integer(UInt64.self, bytes)
        let last = try reader.integer(UInt64.self, bytes)
        let digest = try reader.integer(UInt32.self, bytes)
        let epoch = try reader.integer(UInt32.self, bytes)
        let endOffset = Int(try reader.integer(UInt32.self, bytes))
        let referenceSize = try reader.integer(UInt32.self, bytes)
        let firstPosition = try reader.integer(UInt64.self, bytes)
        let nextPosition = try reader.integer(UInt64.self, bytes)
        let lastTime = try reader.integer(Int64.self, bytes)
        let frameCount = try reader.integer(UInt64.self, bytes)
        let durable = try reader.integer(UInt64.self, bytes)
        guard storeID == firstSegment.storeID, first == firstSegment.number, last == lastSegment.number,
            last - first == UInt64(segments.count - 1),
            digest == Self.digest(of: segments) || firstSegment.sabotages.contains(.believeStaleIndex),
            referenceSize == UInt32(IndexFormat.referenceSize(segmentCount: last - first + 1))
        else { throw .otherSegments }
        // A chain never falls behind the epoch and the position that its segment begins with: frames count from them.
        guard endOffset >= lastSegment.framesOffset, endOffset <= lastSegment.capacity,
            epoch >= lastSegment.epoch, firstPosition == firstSegment.firstPosition,
            nextPosition >= lastSegment.firstPosition,
            nextPosition - lastSegment.firstPosition <= UInt64(lastSegment.capacity),
            frameCount <= UInt64(lastSegment.capacity), durable < nextPosition
        else { throw FormatError("the index covers what its segments cannot hold") }
        self.storeID = storeID
        segmentNumbers = first ... last
        self.digest = digest
        self.firstPosition = firstPosition
        coverage = IndexCoverage(startOf: lastSegment)
        coverage.epoch = epoch
        coverage.endOffset = endOffset
        coverage.nextPosition = nextPosition
        coverage.lastTime = lastTime
        coverage.frameCount = Int(frameCount)
        coverage.durablePosition = durable
        idMin = try reader.identifier(bytes)
        idMax = try reader.identifier(bytes)
        try decodeSections(&reader, bytes, blockCount: blockCount)
    }

    /// The sections must follow each other and fill the file.
    private mutating func decodeSections(
        _ reader: inout ByteReader, _ bytes: RawSpan, blockCount: Int
    ) throws(FormatError) {
        var nextBlock = 1
        for kind in IndexSectionKind.allCases {
            let firstBlock = try reader.integer(UInt64.self, bytes)
            let count = try reader.integer(UInt64.self, bytes)
            guard firstBlock == UInt64(nextBlock), count <= UInt64(IndexFormat.countMax) else {
                throw FormatError("a section of the index is not where it must be")
            }
            self[kind] = Section(firstBlock: nextBlock, count: Int(count))
            nextBlock += self.blockCount(of: kind)
            guard nextBlock <= blockCount else {
                throw FormatError("a section of the index lies outside of it")
            }
        }
        guard nextBlock == blockCount else { throw FormatError("the index has another size than it states") }
        guard
            self[.aggregateFilter].count
                == IndexFormat.filterLineCount(keyCount: self[.aggregates].count),
            self[.eventFilter].count == IndexFormat.filterLineCount(keyCount: self[.eventIDs].count)
        else { throw FormatError("a filter of the index has another size than it must") }
    }
}

extension FormatError {
    /// An index that holds, and was made of other segments or of another file of one, as a crash may leave it.
    static let otherSegments = FormatError("the index belongs to other segments")
}
