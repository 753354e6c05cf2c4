// What every disk must do, run against the real one and the simulated one: the engine is tested on the
// second and used on the first, so they must agree.

import Foundation
import RecallLog
import RecallTestKit
import Testing

@Suite struct DiskConformanceTests {
    static func errorNumber<Value>(_ body: () throws -> Value) -> Int32? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? DiskError)?.number
        }
    }

    @Test(arguments: DiskUnderTest.allCases)
    func newFileIsEmptyAndKeepsWhatIsWritten(kind: DiskUnderTest) throws {
        let room = try kind.make()
        let file = try room.disk.open(room.path("a"), .createNew)
        #expect(try file.size() == 0)
        try file.write([1, 2, 3], at: 0)
        try file.write([9], at: 5)
        try file.sync()
        #expect(try file.contents() == [1, 2, 3, 0, 0, 9])
        let again = try room.disk.open(room.path("a"), .readOnly)
        #expect(try again.contents() == [1, 2, 3, 0, 0, 9])
    }

    @Test(arguments: DiskUnderTest.allCases)
    func readEndsWithTheFile(kind: DiskUnderTest) throws {
        let room = try kind.make()
        let file = try room.makeFile("a", [1, 2, 3, 4])
        var buffer = [UInt8](repeating: 7, count: 6)
        #expect(try buffer.withUnsafeMutableBytes { try file.read(into: $0, at: 2) } == 2)
        #expect(buffer == [3, 4, 7, 7, 7, 7])
        #expect(try buffer.withUnsafeMutableBytes { try file.read(into: $0, at: 4) } == 0)
        #expect(try buffer.withUnsafeMutableBytes { try file.read(into: $0, at: 4000) } == 0)
    }

    @Test(arguments: DiskUnderTest.allCases)
    func emptyWriteAndReadDoNothing(kind: DiskUnderTest) throws {
        let room = try kind.make()
        let file = try room.makeFile("a", [1])
        try file.write([UInt8](), at: 100)
        #expect(try file.size() == 1)
        #expect(try file.read(into: UnsafeMutableRawBufferPointer(start: nil, count: 0), at: 0) == 0)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var name: String
        var number: Int32
        var body: @Sendable (DiskRoom) throws -> Void
        var testDescription: String { name }
    }

    static let refusals: [Refusal] = [
        Refusal(name: "open missing", number: ENOENT) { _ = try $0.disk.open($0.path("no"), .readWrite) },
        Refusal(name: "open missing to read", number: ENOENT) {
            _ = try $0.disk.open($0.path("no"), .readOnly)
        },
        Refusal(name: "open in missing directory", number: ENOENT) {
            _ = try $0.disk.open($0.path("no/a"), .createNew)
        },
        Refusal(name: "create existing", number: EEXIST) {
            _ = try $0.disk.open($0.path("file"), .createNew)
        },
        Refusal(name: "open a directory", number: EISDIR) {
            _ = try $0.disk.open($0.path("dir"), .readWrite)
        },
        Refusal(name: "open a directory to read", number: EISDIR) {
            _ = try $0.disk.open($0.path("dir"), .readOnly)
        },
        Refusal(name: "open below a file", number: ENOTDIR) {
            _ = try $0.disk.open($0.path("file/a"), .readOnly)
        },
        Refusal(name: "make an existing directory", number: EEXIST) {
            try $0.disk.createDirectory($0.path("dir"))
        },
        Refusal(name: "make a directory in a missing one", number: ENOENT) {
            try $0.disk.createDirectory($0.path("no/dir"))
        },
        Refusal(name: "list a missing directory", number: ENOENT) { _ = try $0.disk.list($0.path("no")) },
        Refusal(name: "list a file", number: ENOTDIR) { _ = try $0.disk.list($0.path("file")) },
        Refusal(name: "rename missing", number: ENOENT) {
            try $0.disk.rename($0.path("no"), to: $0.path("new"))
        },
        Refusal(name: "rename onto a directory", number: EISDIR) {
            try $0.disk.rename($0.path("file"), to: $0.path("dir"))
        },
        Refusal(name: "delete missing", number: ENOENT) { try $0.disk.delete($0.path("no")) },
        Refusal(name: "sync a missing directory", number: ENOENT) {
            try $0.disk.syncDirectory($0.path("no"))
        },
        Refusal(name: "map nothing", number: EINVAL) {
            _ = try $0.disk.open($0.path("file"), .readOnly).map(count: 0, isWritable: false)
        },
        Refusal(name: "map behind the end", number: EINVAL) {
            _ = try $0.disk.open($0.path("file"), .readOnly).map(count: 5, isWritable: false)
        },
        Refusal(name: "map to write what is open to read", number: EACCES) {
            _ = try $0.disk.open($0.path("file"), .readOnly).map(count: 4, isWritable: true)
        },
        Refusal(name: "write what is open to read", number: EBADF) {
            try $0.disk.open($0.path("file"), .readOnly).write([1], at: 0)
        },
        Refusal(name: "write before the start", number: EINVAL) {
            try $0.disk.open($0.path("file"), .readWrite).write([1], at: -1)
        },
        Refusal(name: "read before the start", number: EINVAL) { room in
            var byte: [UInt8] = [0]
            _ = try byte.withUnsafeMutableBytes {
                try room.disk.open(room.path("file"), .readOnly).read(into: $0, at: -1)
            }
        },
        Refusal(name: "truncate below nothing", number: EINVAL) {
            try $0.disk.open($0.path("file"), .readWrite).truncate(to: -1)
        },
        Refusal(name: "preallocate less than nothing", number: EINVAL) {
            try $0.disk.open($0.path("file"), .readWrite).preallocate(size: -1)
        },
    ]

    @Test(arguments: DiskUnderTest.allCases, refusals)
    func refusalNamesItsReason(kind: DiskUnderTest, refusal: Refusal) throws {
        let room = try kind.make()
        _ = try room.makeFile("file", [1, 2, 3, 4])
        try room.disk.createDirectory(room.path("dir"))
        #expect(DiskConformanceTests.errorNumber { try refusal.body(room) } == refusal.number)
        #expect(try room.disk.list(room.root) == ["dir", "file"])
        #expect(try room.disk.open(room.path("file"), .readOnly).contents() == [1, 2, 3, 4])
    }

    @Test(arguments: DiskUnderTest.allCases)
    func namesAreSortedAndOfTheirKind(kind: DiskUnderTest) throws {
        let room = try kind.make()
        // The last one by its bytes. In a single file names are ASCII.
        let last = DiskUnderTest.withLinks.contains(kind) ? "ä" : "~"
        for name in ["c", "a", "b.x", last] { _ = try room.makeFile(name) }
        try room.disk.createDirectory(room.path("d"))
        #expect(try room.disk.list(room.root) == ["a", "b.x", "c", "d", last])
        #expect(try room.disk.kind(of: room.path("a")) == .file)
        #expect(try room.disk.kind(of: room.path("d")) == .directory)
        #expect(try room.disk.kind(of: room.path("e")) == nil)
        #expect(try room.disk.list(room.path("d")) == [])
    }

    @Test(arguments: DiskUnderTest.withLinks)
    func symbolicLinkIsSeenAndNotFollowed(kind: DiskUnderTest) throws {
        let room = try kind.make()
        _ = try room.makeFile("target", [1])
        if let simulated = room.disk as? SimulatedDisk {
            simulated.placeSymbolicLink(at: room.path("link"))
        } else {
            try FileManager.default.createSymbolicLink(
                atPath: room.path("link"), withDestinationPath: room.path("target"))
        }
        #expect(try room.disk.kind(of: room.path("link")) == .other)
        for mode in [DiskOpenMode.readOnly, .readWrite] {
            #expect(
                DiskConformanceTests.errorNumber { try room.disk.open(room.path("link"), mode) } == ELOOP)
        }
        #expect(
            DiskConformanceTests.errorNumber { try room.disk.open(room.path("link"), .createNew) } == EEXIST)
    }

    @Test(arguments: DiskUnderTest.allCases)
    func renameTakesThePlaceOfAnother(kind: DiskUnderTest) throws {
        let room = try kind.make()
        let moved = try room.makeFile("new", [1])
        let replaced = try room.makeFile("old", [2])
        try room.disk.rename(room.path("new"), to: room.path("old"))
        try room.disk.syncDirectory(room.root)
        #expect(try room.disk.list(room.root) == ["old"])
        #expect(try room.disk.open(room.path("old"), .readOnly).contents() == [1])
        // Handles follow the file, not the name.
        try moved.write([3], at: 0)
        #expect(try room.disk.open(room.path("old"), .readOnly).contents() == [3])
        #expect(try replaced.contents() == [2])
    }

    @Test(arguments: DiskUnderTest.allCases)
    func deletedFileLivesAsLongAsItIsOpen(kind: DiskUnderTest) throws {
        let room = try kind.make()
        let file = try room.makeFile("a", [1, 2])
        let map = try file.map(count: 2, isWritable: false)
        try room.disk.delete(room.path("a"))
        try room.disk.syncDirectory(room.root)
        #expect(try room.disk.kind(of: room.path("a")) == nil)
        #expect(try file.contents() == [1, 2])
        #expect(map.base.load(fromByteOffset: 1, as: UInt8.self) == 2)
    }

    @Test(arguments: DiskUnderTest.allCases)
    func preallocatedSpaceReadsAsZeroAndIsNeverTakenBack(kind: DiskUnderTest) throws {
        let room = try kind.make()
        let file = try room.makeFile("a", [1, 2, 3])
        try file.preallocate(size: 5000)
        #expect(try file.size() == 5000)
        #expect(try file.contents() == [1, 2, 3] + [UInt8](repeating: 0, count: 4997))
        try file.preallocate(size: 100)
        #expect(try file.size() == 5000)
    }

    @Test(arguments: DiskUnderTest.allCases)
    func whatIsCutOffComesBackAsZeros(kind: DiskUnderTest) throws {
        let room = try kind.make()
        let file = try room.makeFile("a", [UInt8](repeating: 7, count: 3000))
        try file.truncate(to: 10)
        #expect(try file.contents() == [UInt8](repeating: 7, count: 10))
        try file.truncate(to: 2000)
        #expect(
            try file.contents() == [UInt8](repeating: 7, count: 10) + [UInt8](repeating: 0, count: 1990))
    }

    @Test(arguments: DiskUnderTest.allCases)
    func mapIsALiveView(kind: DiskUnderTest) throws {
        let room = try kind.make()
        let file = try room.makeFile("a")
        try file.preallocate(size: 8192)
        let writable = try file.map(count: 8192, isWritable: true)
        let reader = try room.disk.open(room.path("a"), .readOnly).map(count: 4096, isWritable: false)
        #expect(reader.count == 4096)
        try file.write([1, 2, 3], at: 4000)
        #expect(reader.base.load(fromByteOffset: 4002, as: UInt8.self) == 3)
        #expect(writable.storeRelease(77, at: 64))
        #expect(reader.loadAcquire(at: 64) == 77)
        #expect(try file.contents()[64] == 77)
        // A file may grow under its maps.
        try file.write([UInt8](repeating: 9, count: 300_000), at: 8192)
        try file.write([5], at: 0)
        #expect(reader.base.load(as: UInt8.self) == 5)
    }

    @Test(arguments: DiskUnderTest.allCases)
    func whatAMapShowsIsSyncedHoweverItWasWritten(kind: DiskUnderTest) throws {
        let room = try kind.make()
        let file = try room.makeFile("a")
        try file.preallocate(size: 65536)
        let shown = try file.map(from: 16384, count: 20_000, isWritable: false)
        let stored = try file.map(count: 32768, isWritable: true)
        for round in 0 ..< 3 as Range<UInt64> {
            try file.write([UInt8](repeating: 9, count: 300), at: 20_000)
            #expect(stored.storeRelease(round, at: 24_000))
            try file.sync(shown)
            #expect(shown.loadAcquire(at: 24_000 - 16384) == round)
        }
    }

    @Test(arguments: DiskUnderTest.allCases)
    func mapRefusesWordsItDoesNotHave(kind: DiskUnderTest) throws {
        let room = try kind.make()
        let map = try room.makeFile("a", [UInt8](repeating: 0, count: 20)).map(count: 20, isWritable: true)
        #expect(map.loadAcquire(at: 8) == 0)
        for offset in [-8, 4, 13, 16, 24, Int.max - 7, Int.min] {
            #expect(map.loadAcquire(at: offset) == nil)
            #expect(!map.storeRelease(1, at: offset))
        }
    }

    @Test(arguments: DiskUnderTest.allCases)
    func lockIsExclusiveAndGoesWithItsFile(kind: DiskUnderTest) throws {
        let room = try kind.make()
        var first: (any DiskFile)? = try room.makeFile("lock")
        let second = try room.disk.open(room.path("lock"), .readWrite)
        #expect(try first?.lockExclusively() == true)
        #expect(try first?.lockExclusively() == true)
        #expect(try second.lockExclusively() == false)
        first = nil
        #expect(try second.lockExclusively() == true)
    }

    @Test(arguments: DiskUnderTest.allCases)
    func askingForALockNeverTakesIt(kind: DiskUnderTest) throws {
        let room = try kind.make()
        var writer: (any DiskFile)? = try room.makeFile("lock")
        let reader = try room.disk.open(room.path("lock"), .readOnly)
        #expect(try reader.isLocked() == false)
        #expect(try writer?.lockExclusively() == true)
        #expect(try reader.isLocked() == true)
        #expect(try writer?.isLocked() == false)
        writer = nil
        #expect(try reader.isLocked() == false)
    }

    @Test(arguments: DiskUnderTest.allCases)
    func nextDataPassesZerosAndNothingElse(kind: DiskUnderTest) throws {
        let room = try kind.make()
        let file = try room.makeFile("a")
        try file.preallocate(size: 1 << 20)
        try file.write([1], at: 300_000)
        try file.sync()
        for offset in [0, 1, 299_999, 300_000] {
            let found = try #require(try file.nextData(from: offset))
            #expect(found >= offset && found <= 300_000)
        }
        if let found = try file.nextData(from: 300_001) { #expect(found < 300_001 + 65_536) }
        #expect(try file.nextData(from: 1 << 20) == nil)
        #expect(DiskConformanceTests.errorNumber { try file.nextData(from: -1) } == EINVAL)
    }

    @Test(arguments: DiskUnderTest.allCases)
    func threadsShareAFile(kind: DiskUnderTest) async throws {
        let room = try kind.make()
        let file = try room.makeFile("a")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for part in 0 ..< 8 {
                group.addTask {
                    for index in 0 ..< 50 {
                        let bytes = [UInt8](repeating: UInt8(part + 1), count: 100)
                        try file.write(bytes, at: (index * 8 + part) * 100)
                        try file.sync()
                    }
                }
            }
            try await group.waitForAll()
        }
        let contents = try file.contents()
        #expect(contents.count == 40_000)
        #expect(contents.indices.allSatisfy { contents[$0] == UInt8($0 / 100 % 8 + 1) })
    }
}
