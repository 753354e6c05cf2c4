// What an input of the single-file probe does to the file: edits of superblocks, of the table of contents, of the file's
// size and of what lies in it, under checksums that hold or do not.

internal import RecallLog
internal import RecallTestKit

/// The file of a single-file store as an input changes it.
struct ProbeFileEdits {
    private static let sectorSize = Format.headerSize

    /// Whether a checksum was made to hold over something else than the engine wrote.
    let isMended: Bool
    /// Whether only superblocks and the table were edited.
    private(set) var isLeadingAlone = true
    private(set) var bytes: [UInt8]

    /// - Parameter input: the control byte (bit 0: superblocks are made to hold, bit 1: the table is, bit 2: the rest of the
    ///   input is a table's count and entries, bits 3 and 4: which superblocks are edited, with both of them set the second
    ///   is a generation ahead, bit 5: the second copy of the table stays as it was); edits, six bytes each: kind, number,
    ///   offset u16, value u16.
    init(_ input: some Collection<UInt8>, of store: ProbeFileStore) {
        let control = input.first ?? 0
        let isTable = control & 4 != 0
        let (mendsSuperblocks, mendsTable) = (control & 1 != 0 || isTable, control & 2 != 0 || isTable)
        isMended = mendsSuperblocks || mendsTable
        bytes = store.bytes
        let rest = Array(input.dropFirst())
        let edits =
            isTable ? [] : stride(from: 0, to: rest.count / 6 * 6, by: 6).map { Array(rest[$0 ..< $0 + 6]) }

        // The table.
        var table = ProbeTable(store.table)
        let tableUnit = UInt64(store.superblock.tableOffset / SingleFileFormat.unitSize)
        for edit in edits where edit[0] % 16 < 8 {
            table.apply(
                kind: Int(edit[0]), number: Int(edit[1]), form: Int(edit[2]), value: Self.value(edit),
                tableUnit: tableUnit)
        }
        var content = [UInt8]()
        if isTable {
            content = Array(rest.prefix(7000))
        } else {
            var writer = ByteWriter()
            table.encode(generation: store.superblock.generation, to: &writer)
            content = writer.withBytes { $0.withUnsafeBytes { Array($0.dropFirst(16).prefix(7000)) } }
        }
        for edit in edits where edit[0] % 16 == 8 || edit[0] % 16 == 9 {
            guard !content.isEmpty else { break }
            let place = Self.offset(edit) % content.count
            if edit[0] % 16 == 8 { content[place] ^= 1 << (edit[1] & 7) } else { content[place] = edit[4] }
        }

        // The superblocks.
        let places: [Int]
        switch control >> 3 & 3 {
        case 1: places = [0]
        case 2: places = [1]
        default: places = [0, 1]
        }
        for (index, place) in SingleFileFormat.superblockOffsets.enumerated() {
            if mendsSuperblocks { set(place + 32, UInt64(content.count + 20)) }
            if control >> 3 & 3 == 3, index == 1, mendsSuperblocks {
                set(place + 16, store.superblock.generation + 1)
            }
            guard places.contains(index) else { continue }
            for edit in edits { editSuperblock(edit, at: place) }
        }
        if mendsSuperblocks {
            for place in SingleFileFormat.superblockOffsets { mend(place ..< place + Self.sectorSize - 4) }
        }
        putTable(content, mends: mendsTable, isFirstAlone: control & 32 != 0, store)
        for edit in edits { editRest(edit) }
    }

    private static func offset(_ edit: [UInt8]) -> Int { Int(edit[2]) | Int(edit[3]) << 8 }
    private static func value(_ edit: [UInt8]) -> Int { Int(edit[4]) | Int(edit[5]) << 8 }

    private mutating func editSuperblock(_ edit: [UInt8], at place: Int) {
        let (offset, value) = (Self.offset(edit), Self.value(edit))
        switch edit[0] % 16 {
        case 10: bytes[place + offset % Self.sectorSize] ^= 1 << (edit[1] & 7)
        case 11: bytes[place + offset % Self.sectorSize] = edit[4]
        case 12:  // Generation, place or size.
            let field = place + 16 + 8 * (Int(edit[1]) % 3)
            set(field, ProbeTable.number(offset, value, near: word(field)))
        default: break
        }
    }

    private mutating func editRest(_ edit: [UInt8]) {
        let (offset, value) = (Self.offset(edit), Self.value(edit))
        switch edit[0] % 16 {
        case 13: bytes = Array(bytes.prefix((value << 6 | offset & 63) % (bytes.count + 1)))
        case 14: bytes += repeatElement(edit[1], count: value)
        case 15:
            let place = (offset << 8 | Int(edit[4])) % max(bytes.count, 1)
            if place < bytes.count { bytes[place] ^= 1 << (edit[1] & 7) }
        default: return
        }
        isLeadingAlone = false
    }

    /// Puts the table where the superblock leads that a reader takes.
    private mutating func putTable(
        _ content: [UInt8], mends: Bool, isFirstAlone: Bool, _ store: ProbeFileStore
    ) {
        let found = SingleFileFormat.superblockOffsets.compactMap { place in
            try? bytes.withUnsafeBytes {
                try Superblock(decoding: $0.bytes.extracting(place ..< place + Self.sectorSize))
            }
        }
        // Of two of one generation the second, as the reader does.
        let latest = found.reduce(found.first ?? store.superblock) {
            $1.generation >= $0.generation ? $1 : $0
        }
        let size = min(latest.tableSize, 7020)
        guard size >= 20, latest.tableOffset < bytes.count else { return }
        var writer = ByteWriter()
        writer.integer(SingleFileFormat.tableMagic)
        writer.integer(mends ? latest.generation : store.superblock.generation)
        content.withUnsafeBytes { writer.bytes($0.bytes.extracting(0 ..< min(content.count, size - 20))) }
        writer.pad(to: size - 4)
        // Where it is not mended, the checksum stays that of the engine's own table.
        let kept = store.superblock.tableOffset + store.superblock.tableSize - 4
        if mends {
            let checksum = writer.withBytes { Checksum.crc32c($0) }
            writer.integer(checksum)
        } else {
            store.bytes.withUnsafeBytes { writer.bytes($0.bytes.extracting(kept ..< kept + 4)) }
        }
        let copy = writer.withBytes { $0.withUnsafeBytes { Array($0) } }
        for start in (0 ..< 2).map(latest.tableOffset(ofCopy:)).prefix(isFirstAlone ? 1 : 2) {
            let end = min(start + copy.count, bytes.count)
            guard start < end else { break }
            bytes.replaceSubrange(start ..< end, with: copy.prefix(end - start))
        }
    }

    private mutating func mend(_ range: Range<Int>) {
        let checksum = bytes.withUnsafeBytes { Checksum.crc32c($0.bytes.extracting(range)) }
        withUnsafeBytes(of: checksum.littleEndian) {
            bytes.replaceSubrange(range.upperBound ..< range.upperBound + 4, with: $0)
        }
    }

    private mutating func set(_ place: Int, _ number: UInt64) {
        withUnsafeBytes(of: number.littleEndian) { bytes.replaceSubrange(place ..< place + 8, with: $0) }
    }

    private func word(_ place: Int) -> UInt64 {
        bytes.withUnsafeBytes {
            UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: UInt64.self))
        }
    }

    /// The file on a disk of its own.
    func disk(of store: ProbeFileStore) throws -> SimulatedDisk {
        let disk = store.disk.crashKeepingEverything()
        let file = try disk.open(ProbeFileStore.path, .readWrite)
        if bytes.count < store.bytes.count { try file.truncate(to: bytes.count) }
        if !bytes.isEmpty { try bytes.withUnsafeBytes { try file.write($0.bytes, at: 0) } }
        try file.sync()
        return disk
    }
}
