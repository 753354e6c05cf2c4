// The copies of what leads to the files of a single-file store, as the tests find, spoil and judge them.

import Recall
import RecallLog
import Testing

/// One of the two superblocks, or of the two copies of the table of contents.
enum LeadingCopy: String, CaseIterable, Sendable {
    case evenSuperblock, oddSuperblock, firstTable, secondTable

    /// What is left when this one does not hold.
    var other: LeadingCopy {
        switch self {
        case .evenSuperblock: .oddSuperblock
        case .oddSuperblock: .evenSuperblock
        case .firstTable: .secondTable
        case .secondTable: .firstTable
        }
    }

    var subject: DamagedCopy.Subject {
        [.evenSuperblock, .oddSuperblock].contains(self) ? .superblock : .tableOfContents
    }

    /// What verifying calls it.
    var findingSubject: VerificationFinding.Subject {
        [.evenSuperblock, .oddSuperblock].contains(self) ? .superblock : .tableOfContents
    }

    /// Its bytes in the file.
    func place(in path: String, on disk: any Disk) throws -> Range<Int> {
        let superblock = try Self.superblock(path, on: disk)
        let (start, size) = (superblock.tableOffset, superblock.tableSize)
        let second = superblock.tableOffset(ofCopy: 1)
        switch self {
        case .evenSuperblock: return 0 ..< Format.headerSize
        case .oddSuperblock: return 8192 ..< 8192 + Format.headerSize
        case .firstTable: return start ..< start + size
        case .secondTable: return second ..< second + size
        }
    }

    /// Turns a bit over in the middle of what each copy states.
    func spoil(in path: String, on disk: any Disk) throws {
        try Self.flip(path, on: disk, at: try place(in: path, on: disk).lowerBound + 20)
    }

    static func flip(_ path: String, on disk: any Disk, at offset: Int) throws {
        let file = try disk.open(path, .readWrite)
        let byte = try DiskBytes.read(file, from: offset, count: 1).withBytes {
            $0.unsafeLoad(fromByteOffset: 0, as: UInt8.self)
        }
        try file.write([byte ^ 0x10], at: offset)
        try file.sync()
    }

    /// The one that is taken.
    static func superblock(_ path: String, on disk: any Disk) throws -> Superblock {
        let file = try disk.open(path, .readOnly)
        let found = try SingleFileFormat.superblockOffsets.compactMap { offset in
            try DiskBytes.read(file, from: offset, count: Format.headerSize).withBytes {
                try? Superblock(decoding: $0)
            }
        }
        return try #require(found.max { $0.generation < $1.generation })
    }

    /// What is found wrong with any of them.
    static func damage(_ path: String, on disk: any Disk) throws -> [DamagedCopy] {
        try SingleFileDisk(path, on: disk, isReadOnly: true).damagedCopies()
    }

    /// Takes the writer's lock and gives it back: what opening for appending does before anything else.
    static func takeLock(_ path: String, on disk: any Disk) throws {
        let lock = try SingleFileDisk(path, on: disk, isReadOnly: false).open(path + "/lock", .readWrite)
        try #require(try lock.lockExclusively())
        lock.unlock()
    }
}
