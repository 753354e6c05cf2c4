// The table of contents of a single-file store: which names there are, and where their bytes lie. It is never changed in
// place: a new one is written elsewhere, and a superblock leads to it. Layout: docs/format-single-file.md, "Table of contents".

/// The names of a single-file store, as a superblock leads to them.
package struct FileTable: Hashable, Sendable {
    /// A file or a directory.
    package struct Entry: Hashable, Sendable {
        /// The path inside the store, its parts divided by slashes, as in the directory layout.
        package var name: String
        /// Where its bytes are; nil for a directory.
        package var placement: Placement?

        package init(name: String, placement: Placement?) {
            self.name = name
            self.placement = placement
        }
    }

    /// Where the bytes of a file are.
    package struct Placement: Hashable, Sendable {
        /// In bytes, a multiple of a unit; 0 for a file without bytes.
        package var offset: Int
        /// What is kept for the file, in bytes, a multiple of a unit.
        package var capacity: Int
        /// The file's size in bytes.
        package var size: Int

        package init(offset: Int, capacity: Int, size: Int) {
            self.offset = offset
            self.capacity = capacity
            self.size = size
        }
    }

    package var generation: UInt64
    /// Ascending by name.
    package var entries: [Entry]

    package init(generation: UInt64, entries: [Entry]) {
        self.generation = generation
        self.entries = entries
    }

    /// Writes one copy.
    package func encode(to writer: inout ByteWriter) {
        let start = writer.count
        writer.integer(SingleFileFormat.tableMagic)
        writer.integer(generation)
        writer.varint(entries.count)
        let unit = SingleFileFormat.unitSize
        for entry in entries {
            writer.string(entry.name)
            guard let placement = entry.placement else {
                writer.byte(2)
                continue
            }
            writer.byte(1)
            writer.varint(placement.offset / unit)
            writer.varint(placement.capacity / unit)
            writer.varint(placement.size)
        }
        let checksum = writer.withBytes { Checksum.crc32c($0.extracting(start ..< $0.byteCount)) }
        writer.integer(checksum)
    }

    /// Reads one copy.
    /// - Parameter generation: which the superblock states.
    package init(decoding bytes: RawSpan, generation: UInt64) throws(FormatError) {
        guard bytes.byteCount >= 21 else { throw FormatError("the table of contents is cut short") }
        let end = bytes.byteCount - 4
        var trailer = ByteReader(end ..< bytes.byteCount)
        guard try trailer.integer(UInt32.self, bytes) == Checksum.crc32c(bytes.extracting(0 ..< end)) else {
            throw FormatError("the checksum of the table of contents does not hold")
        }
        var reader = ByteReader(0 ..< end)
        guard try reader.integer(UInt64.self, bytes) == SingleFileFormat.tableMagic,
            try reader.integer(UInt64.self, bytes) == generation
        else { throw FormatError("the table of contents is not that of its superblock") }
        self.generation = generation
        entries = []
        // Of an entry: the size of its name, a byte of it, and the kind.
        let count = try reader.count(bytes, minimumSize: 3)
        entries.reserveCapacity(count)
        for _ in 0 ..< count {
            let entry = try Self.entry(&reader, bytes)
            guard entries.last.map({ $0.name.utf8.lexicographicallyPrecedes(entry.name.utf8) }) ?? true else {
                throw FormatError("the names of the table of contents are not in order")
            }
            entries.append(entry)
        }
        guard reader.remainingCount == 0 else { throw FormatError("the table of contents has a rest") }
        try Self.checkParents(entries)
        try Self.checkPlaces(entries.compactMap(\.placement))
    }

    private static func entry(_ reader: inout ByteReader, _ bytes: RawSpan) throws(FormatError) -> Entry {
        let range = try reader.sized(bytes)
        let text = bytes.extracting(range).withUnsafeBytes { String(validating: $0, as: UTF8.self) }
        guard let name = text, isName(name) else {
            throw FormatError("the table of contents holds a name that is none")
        }
        switch try reader.byte(bytes) {
        case 2: return Entry(name: name, placement: nil)
        case 1:
            let units = UInt64(Int.max / SingleFileFormat.unitSize / 4)
            let offset = Int(try reader.varint(bytes, max: units)) * SingleFileFormat.unitSize
            let capacity = Int(try reader.varint(bytes, max: units)) * SingleFileFormat.unitSize
            let size = Int(try reader.varint(bytes, max: UInt64(capacity)))
            guard capacity == 0 || offset >= SingleFileFormat.headSize else {
                throw FormatError("\(name) lies where the superblocks are")
            }
            return Entry(name: name, placement: Placement(offset: offset, capacity: capacity, size: size))
        default: throw FormatError("the table of contents holds an entry of an unknown kind")
        }
    }

    /// Whether a name leads to a place inside the store, in one way. Only ASCII does: strings that differ in their bytes
    /// could be equal else.
    package static func isName(_ name: String) -> Bool {
        guard !name.isEmpty, name.utf8.count <= SingleFileFormat.nameBytesMax else { return false }
        guard name.utf8.allSatisfy({ (0x20 ... 0x7E).contains($0) }) else { return false }
        return name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty && part != "." && part != ".."
        }
    }

    /// What a name lies in is a directory: else a writer could make a file there, and then the name would lie in a file.
    private static func checkParents(_ entries: [Entry]) throws(FormatError) {
        let directories = Set(entries.filter { $0.placement == nil }.map(\.name))
        for entry in entries {
            guard let slash = entry.name.lastIndex(of: "/") else { continue }
            guard directories.contains(String(entry.name[..<slash])) else {
                throw FormatError("\(entry.name) lies in no directory of the table of contents")
            }
        }
    }

    /// No byte belongs to a file and to the table: the next table would let go what the file keeps.
    func check(beside superblock: Superblock) throws(FormatError) {
        guard let extent = superblock.tableExtent else { return }
        for entry in entries {
            guard let place = entry.placement, place.capacity > 0 else { continue }
            guard place.offset >= extent.end || place.offset + place.capacity <= extent.offset else {
                throw FormatError("\(entry.name) lies where the table of contents is")
            }
        }
    }

    /// Each place is inside the file that holds the store, up to the whole unit that it ends in: a writer that took what it
    /// reads for true would make a file as large as the table says.
    func check(within fileSize: Int) throws(FormatError) {
        let end = SingleFileFormat.roundedUp(fileSize)
        for entry in entries {
            guard let place = entry.placement, place.capacity > 0 else { continue }
            guard place.offset + place.capacity <= end else {
                throw FormatError(
                    "\(entry.name) lies up to byte \(place.offset + place.capacity), and the file ends at \(fileSize)"
                )
            }
        }
    }

    /// No byte belongs to two files.
    private static func checkPlaces(_ placements: [Placement]) throws(FormatError) {
        var end = 0
        for placement in placements.filter({ $0.capacity > 0 }).sorted(by: { $0.offset < $1.offset }) {
            guard placement.offset >= end else {
                throw FormatError("two files of the table of contents overlap")
            }
            end = placement.offset + placement.capacity
        }
    }
}
