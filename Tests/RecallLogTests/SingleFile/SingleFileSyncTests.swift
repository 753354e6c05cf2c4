// What a sync of one file makes durable in a single-file store: all of that file, wherever it lies by then, and, where the
// table has it as it is, nothing else, so that an append waits for no page that somebody else has stored to.

import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct SingleFileSyncTests {
    private static let path = "/room.recall"
    private let ones = [UInt8](repeating: 1, count: 3000)
    private let twos = [UInt8](repeating: 2, count: 3000)

    /// What a file holds after a crash that kept what was synced and nothing else.
    private func contents(of name: String, behindACrashOf disk: SimulatedDisk) throws -> [UInt8] {
        let found = InsideDisk(path: Self.path, disk: disk.crashLosingEverythingUnsynced())
        return try found.open("\(Self.path)/\(name)", .readOnly).contents()
    }

    /// The inside of a file on a simulated disk, with the durable files `a` and `b` of ones.
    private func makeRoom() throws -> (disk: SimulatedDisk, room: DiskRoom) {
        let disk = SimulatedDisk()
        let room = try DiskRoom(inside: Self.path, on: disk, remove: {})
        for name in ["a", "b"] { try room.makeFile(name, ones).sync() }
        try room.disk.syncDirectory(room.root)
        try disk.syncDirectory("/")
        return (disk, room)
    }

    @Test func syncOfAFileLeavesTheOthersToTheirOwn() throws {
        let (disk, room) = try makeRoom()
        let files = try ["a", "b"].map { try room.disk.open(room.path($0), .readWrite) }
        for file in files { try file.write(twos, at: 0) }
        try files[0].sync()
        #expect(try contents(of: "a", behindACrashOf: disk) == twos)
        #expect(try contents(of: "b", behindACrashOf: disk) == ones)
        try files[1].sync()
        #expect(try contents(of: "b", behindACrashOf: disk) == twos)
    }

    /// A change of a file's place or size, by a handle that has synced it in the old one.
    struct Change: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let body: @Sendable (DiskRoom, any DiskFile) throws -> Void
    }

    static let changes = [
        Change(testDescription: "grows in its place") { _, file in try file.write([3], at: 5000) },
        Change(testDescription: "moves, since another file is behind it") { _, file in
            try file.write([3], at: 5 * SingleFileFormat.unitSize)
        },
        Change(testDescription: "is cut off") { _, file in try file.truncate(to: 700) },
        Change(testDescription: "gets another name") { room, _ in
            try room.disk.rename(room.path("a"), to: room.path("b"))
            try room.disk.rename(room.path("b"), to: room.path("a"))
        },
    ]

    @Test(arguments: changes)
    func syncMakesDurableWhatWasWrittenBehindAChange(change: Change) throws {
        let (disk, room) = try makeRoom()
        let file = try room.disk.open(room.path("a"), .readWrite)
        try file.write(twos, at: 0)
        try file.sync()
        try change.body(room, file)
        for round in 4 ... 7 as ClosedRange<UInt8> {
            try file.write([UInt8](repeating: round, count: 600), at: 20)
            // In the first round the table has the file as it was before the change, in the others as it is.
            try file.sync()
            #expect(
                try contents(of: "a", behindACrashOf: disk) == file.contents(), "\(change), round \(round)")
        }
    }

    /// Each sync wrote the watermark page too, which the writer stores to after each group: durable appends took 1.15 times
    /// as long as in a directory.
    @Test func appendSyncsItsSegmentAlone() throws {
        let bench = try Bench(.simulatedFile)
        let disk = try #require(bench.disk as? SimulatedDisk)
        let log = try bench.open()
        _ = try log.appendBlocking(Commit(events: [Story.event(1, of: 1)]))
        let before = disk.trace.count
        _ = try log.appendBlocking(Commit(events: [Story.event(2, of: 1)]))
        let syncs = disk.trace.dropFirst(before).filter { $0.kind == .sync }
        #expect(syncs.count == 1)
        let capacity = bench.configuration.segmentBytesMax
        #expect(syncs.allSatisfy { $0.detail.hasPrefix("\(capacity) bytes at ") }, "\(syncs)")
        try log.closeBlocking()
    }

    @Test func failedSyncOfOneFileEndsThoseOfAll() throws {
        let (disk, room) = try makeRoom()
        let files = try ["a", "b"].map { try room.disk.open(room.path($0), .readWrite) }
        for file in files { try file.write(twos, at: 0) }
        disk.plan(SimulatedFault(.sync, number: 5, effect: .failForgettingDirtyData))
        for file in files + files { #expect(DiskConformanceTests.errorNumber { try file.sync() } == 5) }
        #expect(DiskConformanceTests.errorNumber { try room.disk.syncDirectory(room.root) } == 5)
    }
}
