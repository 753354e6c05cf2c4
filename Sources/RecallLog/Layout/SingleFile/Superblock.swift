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

    /// The extent of both copies of the table.
    var tableExtent: Extent? {
        guard tableSize > 0 else { return nil }
        let size = SingleFileFormat.roundedUp(tableSize * SingleFileFormat.tableCopyCount)
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

    /// What stands in both places.
    struct Pair {
        /// The one of the highest generation that holds; nil where none does, or one is of a newer program.
        var latest: Superblock?
        /// Whether both places hold the same.
        var isSettled: Bool
        /// Whether one was written by a newer program.
        var isOfUnknownVersion = false
    }

    /// Reads both places.
    static func read(_ file: any DiskFile) throws(DiskError) -> Pair {
        var pair = Pair(latest: nil, isSettled: true)
        for offset in SingleFileFormat.superblockOffsets {
            let sector = try DiskBytes.read(file, from: offset, count: Format.headerSize)
            do throws(FormatError) {
                let found = try sector.withBytes { (bytes) throws(FormatError) in
                    try Superblock(decoding: bytes)
                }
                if let other = pair.latest, other != found { pair.isSettled = false }
                if found.generation >= pair.latest?.generation ?? 0 { pair.latest = found }
            } catch {
                pair.isSettled = false
                if error.isOfUnknownVersion { pair.isOfUnknownVersion = true }
            }
        }
        // What the other one leads to is older than what the newer program has written.
        if pair.isOfUnknownVersion { pair.latest = nil }
        return pair
    }
}
