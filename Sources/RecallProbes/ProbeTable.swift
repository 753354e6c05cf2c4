// A table of contents with anything in its fields, which the engine's own type would not hold.

internal import RecallLog

/// A table as an input changes it.
struct ProbeTable {
    /// An entry whose fields are what they are, whether they can be or not.
    struct Entry {
        var name: [UInt8]
        var kind: UInt8
        /// In units.
        var offset: UInt64 = 0
        /// In units.
        var capacity: UInt64 = 0
        var size: UInt64 = 0
    }

    /// Names that lead to places where an entry does not belong.
    private static let names = [
        "", "a", "segments", "store", "lock", "store/a", "segments/0000000001.segment", "indexes",
        "segments/0000000001.segment/a", "segments/0000000002.segment", "segments/0000000003.segment",
        "segments/../store", "./store", "/store", "store/", "store.new", "segments/0000000002.segment.new",
        "\u{e9}", "e\u{301}", "segments/\u{301}a", "segments\0", String(repeating: "n", count: 255),
        String(repeating: "n", count: 256), "snapshots", "stranger/a", "zzz",
    ]

    var entries: [Entry]
    /// What is stated instead of the true number of entries.
    var count: UInt64?
    private var isSorted = true

    init(_ table: FileTable) {
        entries = table.entries.map { entry in
            guard let place = entry.placement else { return Entry(name: Array(entry.name.utf8), kind: 2) }
            let unit = SingleFileFormat.unitSize
            return Entry(
                name: Array(entry.name.utf8), kind: 1, offset: UInt64(place.offset / unit),
                capacity: UInt64(place.capacity / unit), size: UInt64(place.size))
        }
    }

    /// A number at or near one of the limits.
    static func number(_ form: Int, _ value: Int, near present: UInt64) -> UInt64 {
        let value = UInt64(value)
        return switch form % 8 {
        case 0: value
        case 1: value &* UInt64(SingleFileFormat.unitSize)
        case 2: UInt64(Int.max / SingleFileFormat.unitSize / 4) &- value
        case 3: .max &- value
        case 4: UInt64(Int64.max) &- value
        case 5: 1 << (value % 64)
        case 6: present &+ value
        default: present &- value
        }
    }

    /// - Parameters:
    ///   - kind: what is done, one of eight.
    ///   - number: the entry.
    ///   - form: how `value` becomes a number.
    ///   - tableUnit: the unit that the table itself begins at.
    mutating func apply(kind: Int, number: Int, form: Int, value: Int, tableUnit: UInt64) {
        guard !entries.isEmpty else { return }
        let index = number % entries.count
        switch kind % 8 {
        case 0: entries[index].name = Array(Self.names[value % Self.names.count].utf8)
        case 1: entries[index].offset = Self.number(form, value, near: entries[index].offset)
        case 2: entries[index].capacity = Self.number(form, value, near: entries[index].capacity)
        case 3: entries[index].size = Self.number(form, value, near: entries[index].size)
        case 4: entries[index].kind = UInt8(truncatingIfNeeded: value)
        case 5:
            if form % 2 == 0 { entries.remove(at: index) } else { entries.append(entries[index]) }
        case 6:
            if form % 2 == 0 { count = Self.number(form / 2, value, near: UInt64(entries.count)) }
            if form % 2 == 1 { isSorted = false }
        default:  // The place of another one, or of the table.
            let other = entries[value % entries.count]
            entries[index].offset = form % 2 == 0 ? other.offset : tableUnit
            if form % 4 == 0 { entries[index].capacity = other.capacity }
        }
    }

    /// One copy, without its checksum.
    func encode(generation: UInt64, to writer: inout ByteWriter) {
        writer.integer(SingleFileFormat.tableMagic)
        writer.integer(generation)
        writer.varint(count ?? UInt64(entries.count))
        for entry in isSorted ? entries.sorted(by: { $0.name.lexicographicallyPrecedes($1.name) }) : entries {
            writer.varint(entry.name.count)
            entry.name.withUnsafeBytes { writer.bytes($0.bytes) }
            writer.byte(entry.kind)
            guard entry.kind == 1 else { continue }
            writer.varint(entry.offset)
            writer.varint(entry.capacity)
            writer.varint(entry.size)
        }
    }
}
