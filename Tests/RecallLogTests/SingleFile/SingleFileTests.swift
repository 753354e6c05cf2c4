// A store in one file, where that is another thing than a store in a directory: what stands in the file, what is beside
// it, and what becomes of space that is let go.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct SingleFileTests {
    private static let path = "/store.recall"

    /// A store of several segments, closed, on a simulated disk.
    private static func store(commitCount: Int = 8) throws -> SimulatedDisk {
        let bench = try Bench(.simulatedFile)
        let log = try bench.open()
        for number in 1 ... commitCount {
            _ = try log.appendBlocking(Commit(events: [Story.event(number, of: number % 3, noise: 20_000)]))
        }
        try log.closeBlocking()
        return try #require(bench.disk as? SimulatedDisk)
    }

    private static func open(_ disk: any Disk, _ access: LogAccess = .openExisting) throws(StoreError) -> Log
    {
        var configuration = LogConfiguration()
        configuration.segmentBytesMax = 64 << 10
        configuration.readerThreadCount = 1
        return try Log.openBlocking(at: path, access: access, configuration: configuration, disk: disk)
    }

    private static func superblock(_ disk: SimulatedDisk) throws -> Superblock {
        let bytes = try #require(disk.contents(of: path))
        return try SingleFileFormat.superblockOffsets.compactMap { offset in
            try? Superblock(decoding: Array(bytes[offset ..< offset + Format.headerSize]).span.bytes)
        }.max { $0.generation < $1.generation } ?? #require(nil as Superblock?)
    }

    @Test func nothingIsEverBesideTheFile() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "recall-\(UUID())").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let names = { try FileManager.default.contentsOfDirectory(atPath: directory) }
        var configuration = LogConfiguration()
        configuration.segmentBytesMax = 64 << 10
        configuration.isRewriting = true
        let log = try Log.openBlocking(at: directory + "/planet.recall", configuration: configuration)
        #expect(try names() == ["planet.recall"])
        for number in 1 ... 40 {
            _ = try log.appendBlocking(Commit(events: [Story.event(number, of: 0, padding: 9_000)]))
            #expect(try names() == ["planet.recall"])
        }
        log.finishHousekeeping()
        let reader = try Log.openBlocking(at: directory + "/planet.recall", access: .readOnly)
        #expect(try reader.numbers() == Array(1 ... 40))
        try log.closeBlocking()
        #expect(try names() == ["planet.recall"])
    }

    @Test func emptyStoreTakesLittleSpace() throws {
        let bench = try Bench(.simulatedFile)
        try bench.open().closeBlocking()
        let disk = try #require(bench.disk as? SimulatedDisk)
        #expect(try #require(disk.contents(of: Self.path)).count <= 128 << 10)
    }

    // MARK: Rot of what leads to everything else

    @Test(arguments: SingleFileFormat.superblockOffsets)
    func oneSuperblockThatDoesNotHoldCostsNothingAndIsMended(offset: Int) throws {
        let disk = try Self.store()
        disk.corrupt(Self.path, at: offset + 30, bit: 1)
        #expect(try Self.open(disk, .readOnly).numbers() == Array(1 ... 8))
        try Self.open(disk).closeBlocking()
        // The writer has written both again, so that the other one may be lost as well.
        let other = SingleFileFormat.superblockOffsets.first { $0 != offset }
        disk.corrupt(Self.path, at: try #require(other) + 30, bit: 1)
        #expect(try Self.open(disk, .readOnly).numbers() == Array(1 ... 8))
    }

    @Test func oneCopyOfTheTableOfContentsCostsNothing() throws {
        let disk = try Self.store()
        let superblock = try Self.superblock(disk)
        disk.corrupt(Self.path, at: superblock.tableOffset + 20, bit: 1)
        #expect(try Self.open(disk).numbers() == Array(1 ... 8))
    }

    struct Loss: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var message: String
        var destroy: @Sendable (SimulatedDisk) throws -> Void
    }

    static let losses = [
        Loss(testDescription: "both superblocks", message: "none of its two superblocks holds") { disk in
            for offset in SingleFileFormat.superblockOffsets { disk.corrupt(path, at: offset + 30, bit: 1) }
        },
        Loss(testDescription: "both copies of the table", message: "its table of contents is lost") { disk in
            let superblock = try superblock(disk)
            for copy in 0 ..< 2 {
                disk.corrupt(path, at: superblock.tableOffset(ofCopy: copy) + 20, bit: 1)
            }
        },
        Loss(testDescription: "the end of the file", message: "its table of contents is lost") { disk in
            let superblock = try superblock(disk)
            try disk.open(path, .readWrite).truncate(to: superblock.tableOffset)
        },
    ]

    @Test(arguments: losses)
    func lossOfAllThatLeadsToTheFilesIsDamageAndNothingIsWritten(loss: Loss) throws {
        let disk = try Self.store()
        try loss.destroy(disk)
        let before = disk.contents(of: Self.path)
        for access in [LogAccess.createOrOpen, .openExisting, .readOnly] {
            let error = #expect(throws: StoreError.self) { try Self.open(disk, access) }
            #expect(error?.code == .damaged)
            #expect(error?.message.contains(loss.message) == true)
        }
        #expect(disk.contents(of: Self.path) == before)
    }

    @Test(arguments: [1, 300, 512, 16_000, 16_384, 20_000])
    func strangersFileIsNoStoreAndStaysAsItIs(size: Int) throws {
        let disk = SimulatedDisk()
        let letter = (0 ..< size).map { UInt8(truncatingIfNeeded: $0 % 90 + 33) }
        try disk.put(letter, at: Self.path)
        for access in [LogAccess.createOrOpen, .openExisting, .readOnly] {
            #expect(#expect(throws: StoreError.self) { try Self.open(disk, access) }?.code == .damaged)
        }
        #expect(disk.contents(of: Self.path) == letter)
    }

    /// In one place, a crash left the other to the older program: what that leads to is not the store any more.
    @Test(arguments: [SingleFileFormat.superblockOffsets, [0], [SingleFileFormat.superblockOffsets[1]]])
    func fileOfANewerVersionIsRefused(offsets: [Int]) throws {
        let disk = try Self.store()
        let bytes = try #require(disk.contents(of: Self.path))
        for offset in offsets {
            var sector = Array(bytes[offset ..< offset + Format.headerSize])
            sector[8] = 2
            let checksum = Checksum.crc32c(sector.span.bytes.extracting(0 ..< Format.headerChecksumOffset))
            withUnsafeBytes(of: checksum.littleEndian) {
                sector.replaceSubrange(Format.headerChecksumOffset..., with: $0)
            }
            try disk.open(Self.path, .readWrite).write(sector, at: offset)
        }
        let newer = disk.contents(of: Self.path)
        for access in [LogAccess.createOrOpen, .openExisting, .readOnly] {
            #expect(#expect(throws: StoreError.self) { try Self.open(disk, access) }?.code == .unsupported)
        }
        #expect(disk.contents(of: Self.path) == newer)
    }

    // MARK: Space

    /// Rewrites segments many times over in one file.
    private static func fileSizes(readerIsThere: Bool) throws -> (first: Int, last: Int) {
        let disk = try store()
        let inside = SingleFileDisk(path, on: disk, isReadOnly: false)
        let lock = try inside.open(path + "/lock", .readWrite)
        try #require(try lock.lockExclusively())
        let reader = readerIsThere ? try open(disk, .readOnly) : nil
        var sizes: [Int] = []
        for _ in 0 ..< 12 {
            let file = try inside.open(path + "/segments/a.new", .createNew)
            try file.preallocate(size: 256 << 10)
            try file.sync()
            try inside.rename(path + "/segments/a.new", to: path + "/segments/a")
            try inside.syncDirectory(path + "/segments")
            sizes.append(try disk.open(path, .readOnly).size())
        }
        lock.unlock()
        if let reader { #expect(try reader.numbers() == Array(1 ... 8)) }
        return (sizes[3], sizes[11])
    }

    @Test func spaceThatIsLetGoIsUsedAgain() throws {
        let sizes = try Self.fileSizes(readerIsThere: false)
        #expect(sizes.first == sizes.last)
    }

    @Test func spaceWhereAReaderMayLookIsNotUsedAgain() throws {
        let sizes = try Self.fileSizes(readerIsThere: true)
        #expect(sizes.last - sizes.first == 8 * (256 << 10) + 8 * SingleFileFormat.unitSize)
    }

    /// A file that is mapped keeps its place when it is replaced, and when it is deleted.
    @Test(arguments: DiskUnderTest.allCases)
    func mapShowsItsFileWhateverBecomesOfTheName(kind: DiskUnderTest) throws {
        let room = try kind.make()
        let file = try room.makeFile("a", [UInt8](repeating: 7, count: 20_000))
        let map = try file.map(count: 20_000, isWritable: false)
        for number in 0 ..< 6 {
            _ = try room.makeFile("b", [UInt8](repeating: UInt8(number), count: 20_000))
            try room.disk.rename(room.path("b"), to: room.path("a"))
            try room.disk.syncDirectory(room.root)
        }
        #expect((0 ..< 20_000).allSatisfy { map.base.load(fromByteOffset: $0, as: UInt8.self) == 7 })
        #expect(
            try room.disk.open(room.path("a"), .readOnly).contents() == [UInt8](repeating: 5, count: 20_000))
    }

    /// Files that grow by turns move past each other and keep what they hold.
    @Test(arguments: DiskUnderTest.allCases)
    func filesThatGrowByTurnsKeepWhatTheyHold(kind: DiskUnderTest) throws {
        let room = try kind.make()
        let names = ["a", "b", "c"]
        let files = try names.map { try room.makeFile($0) }
        var expected = names.map { _ in [UInt8]() }
        for round in 0 ..< 30 {
            for index in files.indices {
                let part = [UInt8](repeating: UInt8(round * 3 + index), count: 1_000 * (index * 7 + 1))
                // A gap now and then, which reads as zeros.
                let gap = [UInt8](repeating: 0, count: round % 5 == 0 ? 3_000 : 0)
                try files[index].write(part, at: expected[index].count + gap.count)
                expected[index] += gap + part
                if round % 4 == index { try files[index].sync() }
            }
        }
        for index in files.indices { #expect(try files[index].contents() == expected[index]) }
        try room.disk.syncDirectory(room.root)
        for (name, bytes) in zip(names, expected) {
            #expect(try room.disk.open(room.path(name), .readOnly).contents() == bytes)
        }
    }
}
