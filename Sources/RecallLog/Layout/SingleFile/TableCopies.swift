// The two copies of a table of contents as they are read: the first that holds is taken, and what is wrong with the other is
// known. Neither is ever changed once a superblock leads to it.

/// Both copies of the table that a superblock leads to.
struct TableCopies {
    /// The first copy that holds; nil where none does.
    private(set) var table: FileTable?
    /// What is wrong with each copy that does not hold.
    private(set) var damagedCopies: [DamagedCopy] = []

    /// Reads both copies. No more is read than the file has; one that the medium does not give back is a damaged one.
    init(_ file: any DiskFile, of superblock: Superblock, fileSize: Int) throws(DiskError) {
        guard superblock.tableSize > 0 else {
            table = FileTable(generation: superblock.generation, entries: [])
            return
        }
        for copy in 0 ..< SingleFileFormat.tableCopyCount {
            let offset = superblock.tableOffset(ofCopy: copy)
            let isThere = superblock.tableSize <= fileSize - offset
            let bytes = try FileCopy(file, from: offset, upTo: isThere ? superblock.tableSize : 0)
            let unreadable = bytes.unreadable.map { offset + $0.lowerBound ..< offset + $0.upperBound }
            bytes.withBytes { add($0, of: superblock, at: offset, isThere: isThere, unreadable) }
        }
        if table == nil {
            for index in damagedCopies.indices { damagedCopies[index].isSpare = false }
        }
    }

    /// What the medium does not give back, in bytes of the file.
    var unreadable: [Range<Int>] { damagedCopies.flatMap(\.unreadable) }

    private mutating func add(
        _ bytes: RawSpan, of superblock: Superblock, at offset: Int, isThere: Bool, _ unreadable: [Range<Int>]
    ) {
        do throws(FormatError) {
            guard isThere else { throw FormatError("it is cut short") }
            guard unreadable.isEmpty else { throw .unreadable }
            let found = try FileTable(decoding: bytes, generation: superblock.generation)
            try found.check(beside: superblock)
            guard found == table ?? found else {
                throw FormatError("it says something else than the other copy")
            }
            table = found
        } catch {
            damagedCopies.append(
                DamagedCopy(
                    subject: .tableOfContents, offset: offset, reason: error, isSpare: true,
                    fingerprint: Checksum.crc32c(bytes), unreadable: unreadable))
        }
    }
}
