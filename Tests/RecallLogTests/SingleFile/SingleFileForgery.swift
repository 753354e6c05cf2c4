// Single-file stores as somebody could make them who knows how checksums are computed.

import Recall
import RecallLog
import RecallTestKit
import Testing

/// The superblock and the table of a store, changed and put back under checksums that hold.
struct SingleFileForgery {
    static let path = "/store.recall"

    let disk: SimulatedDisk
    var superblock: Superblock
    var table: FileTable

    /// A closed store of eight commits.
    init() throws {
        let bench = try Bench(.simulatedFile)
        let log = try bench.open()
        for number in 1 ... 8 {
            _ = try log.appendBlocking(Commit(events: [Story.event(number, of: number % 3, noise: 20_000)]))
        }
        try log.closeBlocking()
        try self.init(try #require(bench.disk as? SimulatedDisk))
    }

    /// What is on a disk.
    init(_ disk: SimulatedDisk) throws {
        self.disk = disk
        let bytes = try #require(disk.contents(of: Self.path))
        superblock = try Superblock(decoding: bytes.span.bytes.extracting(0 ..< Format.headerSize))
        let (start, size) = (superblock.tableOffset, superblock.tableSize)
        table = try FileTable(
            decoding: bytes.span.bytes.extracting(start ..< start + size), generation: superblock.generation)
    }

    /// The same store as another disk holds it.
    init(_ disk: SimulatedDisk, like other: SingleFileForgery) {
        self.disk = disk
        superblock = other.superblock
        table = other.table
    }

    /// The place of an entry.
    func index(of name: String) throws -> Int { try #require(table.entries.firstIndex { $0.name == name }) }

    /// Puts both back, the table where it was.
    func put() throws {
        var table = table
        table.entries.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        table.generation = superblock.generation
        var copy = ByteWriter()
        table.encode(to: &copy)
        var superblock = superblock
        superblock.tableSize = copy.count
        var sector = ByteWriter()
        superblock.encode(to: &sector)
        let file = try disk.open(Self.path, .readWrite)
        let bytes = copy.withBytes { $0.withUnsafeBytes { Array($0) } }
        for offset in (0 ..< 2).map(superblock.tableOffset(ofCopy:)) {
            try file.write(bytes.span.bytes, at: offset)
        }
        let leading = sector.withBytes { $0.withUnsafeBytes { Array($0) } }
        for offset in SingleFileFormat.superblockOffsets { try file.write(leading.span.bytes, at: offset) }
        try file.sync()
    }

    func open(_ access: LogAccess) throws -> Log {
        var configuration = LogConfiguration()
        configuration.segmentBytesMax = 64 << 10
        configuration.readerThreadCount = 1
        return try Log.openBlocking(at: Self.path, access: access, configuration: configuration, disk: disk)
    }
}
