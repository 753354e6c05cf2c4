// Where the table of contents of a single-file store is. Two places, written one after the other's sync, so that a crash
// leaves one of them whole, and rot of one costs nothing. Layout: docs/format-single-file.md, "Superblock".

/// One sector that leads to everything else.
package struct Superblock: Hashable, Sendable {
    /// Counts tables of contents.
    package var generation: UInt64
    /// Where the table's first copy begins, in bytes; 0 for a store with nothing in it.
    package var tableOffset: Int
    /// Of one copy, in bytes; 0 for a store with nothing in it.
    package var tableSize: Int

    package static let empty = Superblock(generation: 0, tableOffset: 0, tableSize: 0)

    package init(generation: UInt64, tableOffset: Int, tableSize: Int) {
        self.generation = generation
        self.tableOffset = tableOffset
        self.tableSize = tableSize
    }

    /// Where it is written first.
    package var offset: Int { SingleFileFormat.superblockOffsets[Int(generation % 2)] }
    /// Where it is written second.
    package var spareOffset: Int { SingleFileFormat.superblockOffsets[Int((generation + 1) % 2)] }

    /// Where a copy of the table begins, in bytes.
    package func tableOffset(ofCopy copy: Int) -> Int { tableOffset + copy * (tableSize + Format.copyGap) }

    /// What both copies of a table take, with what lies between them.
    package static func tableExtentSize(ofTable size: Int) -> Int {
        SingleFileFormat.tableCopyCount * (size + Format.copyGap) - Format.copyGap
    }

    /// The extent of both copies of the table.
    var tableExtent: Extent? {
        guard tableSize > 0 else { return nil }
        let size = SingleFileFormat.roundedUp(Self.tableExtentSize(ofTable: tableSize))
        return Extent(offset: tableOffset, size: size)
    }

    package func encode(to writer: inout ByteWriter) {
        HeaderSector.begin(
            &writer, magic: SingleFileFormat.superblockMagic, kind: SingleFileFormat.superblockKind)
        writer.integer(generation)
        writer.integer(UInt64(tableOffset))
        writer.integer(UInt64(tableSize))
        HeaderSector.finish(&writer)
    }

    package init(decoding bytes: RawSpan) throws(FormatError) {
        var reader = try HeaderSector.open(
            bytes, magic: SingleFileFormat.superblockMagic, what: "superblock")
        generation = try reader.integer(UInt64.self, bytes)
        let offset = try reader.integer(UInt64.self, bytes)
        let size = try reader.integer(UInt64.self, bytes)
        guard generation <= SingleFileFormat.generationMax else {
            throw FormatError("the superblock states a generation that cannot be")
        }
        guard size <= UInt64(SingleFileFormat.tableBytesMax), offset <= UInt64(Int.max) / 2,
            size == 0
                || offset >= UInt64(SingleFileFormat.headSize)
                    && offset % UInt64(SingleFileFormat.unitSize) == 0
        else { throw FormatError("the superblock leads to no table of contents") }
        tableOffset = Int(offset)
        tableSize = Int(size)
    }

    /// Whether bytes are what the making of a file leaves in a place when it is interrupted: each is zero, or what the first
    /// superblock has there; fewer than a sector where the file ends.
    static func isPartOfFirst(_ bytes: RawSpan) -> Bool {
        var sector = ByteWriter(capacity: Format.headerSize)
        Superblock.empty.encode(to: &sector)
        return sector.withBytes { first in
            (0 ..< min(bytes.byteCount, first.byteCount)).allSatisfy { offset in
                let byte = bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
                return byte == 0 || byte == first.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
            }
        }
    }
}
