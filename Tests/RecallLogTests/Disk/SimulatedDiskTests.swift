// The simulated disk itself: it must lose what was not synced, keep what was, and do what it was told to.
// Were it too kind, every test that stands on it would prove nothing.

import Foundation
import RecallLog
import RecallTestKit
import Testing

@Suite struct SimulatedDiskTests {
    private let ones = [UInt8](repeating: 1, count: 1024)
    private let twos = [UInt8](repeating: 2, count: 1024)

    /// A disk with a durable file `/a` of 1,024 ones.
    private func makeDisk(_ options: SimulatedDisk.Options = .init()) throws -> SimulatedDisk {
        let disk = SimulatedDisk(options: options)
        let file = try disk.open("/a", .createNew)
        try file.write(ones, at: 0)
        try file.sync()
        try disk.syncDirectory("/")
        return disk
    }

    @Test func syncedFileOfASyncedNameSurvivesAnyCrash() throws {
        let disk = try makeDisk()
        for crash in [SimulatedCrash.losingEverythingUnsynced, .keepingEverything]
            + (0 ..< 50).map({ .arbitrary(seed: $0) })
        {
            #expect(disk.crash(crash).contents(of: "/a") == ones)
        }
    }

    @Test func nameThatWasNotSyncedMayBeForgotten() throws {
        let disk = SimulatedDisk()
        let file = try disk.open("/a", .createNew)
        try file.write(ones, at: 0)
        try file.sync()
        #expect(try disk.crashLosingEverythingUnsynced().list("/") == [])
        #expect(disk.crashKeepingEverything().contents(of: "/a") == ones)
        let outcomes = Set((0 ..< 50).map { disk.crash(seed: $0).contents(of: "/a") })
        #expect(outcomes == [nil, ones])
    }

    @Test func nameInAnUnsyncedDirectoryIsForgottenWithIt() throws {
        let disk = SimulatedDisk()
        try disk.createDirectory("/d")
        try disk.put(ones, at: "/d/a")
        try disk.syncDirectory("/d")
        #expect(try disk.crashLosingEverythingUnsynced().list("/") == [])
    }

    @Test func unsyncedSectorsSurviveInAnySubset() throws {
        let disk = try makeDisk()
        try disk.put(twos, at: "/a")
        #expect(disk.crashLosingEverythingUnsynced().contents(of: "/a") == ones)
        #expect(disk.crashKeepingEverything().contents(of: "/a") == twos)
        var outcomes: Set<[UInt8]> = []
        for seed in 0 ..< 200 as Range<UInt64> {
            let contents = try #require(disk.crash(seed: seed).contents(of: "/a"))
            #expect(contents.count == 1024)
            // Sectors are whole.
            #expect(Set(contents[..<512]).count == 1 && Set(contents[512...]).count == 1)
            outcomes.insert([contents[0], contents[512]])
        }
        #expect(outcomes == [[1, 1], [1, 2], [2, 1], [2, 2]])
    }

    @Test func sectorMayHoldAnEarlierUnsyncedContents() throws {
        let disk = try makeDisk()
        for value in 2 ... 4 as ClosedRange<UInt8> {
            try disk.put([UInt8](repeating: value, count: 512), at: "/a")
        }
        let outcomes = Set((0 ..< 300).map { disk.crash(seed: $0).contents(of: "/a")?.first })
        #expect(outcomes == [1, 2, 3, 4])
    }

    @Test func unsyncedSizeMayBeForgotten() throws {
        let disk = try makeDisk()
        let file = try disk.open("/a", .readWrite)
        try file.write(twos, at: 1024)
        try file.write(twos, at: 2048)
        let sizes = Set((0 ..< 200).map { disk.crash(seed: $0).contents(of: "/a")?.count })
        #expect(sizes == [1024, 2048, 3072])
        #expect(disk.crashLosingEverythingUnsynced().contents(of: "/a") == ones)
        try file.sync()
        #expect(disk.crashLosingEverythingUnsynced().contents(of: "/a") == ones + twos + twos)
    }

    @Test func cutThatWasNotSyncedMayComeBack() throws {
        let disk = try makeDisk()
        let file = try disk.open("/a", .readWrite)
        try file.truncate(to: 0)
        #expect(disk.crashLosingEverythingUnsynced().contents(of: "/a") == ones)
        #expect(disk.crashKeepingEverything().contents(of: "/a") == [])
        try file.truncate(to: 1024)
        try file.sync()
        #expect(
            disk.crashLosingEverythingUnsynced().contents(of: "/a") == [UInt8](repeating: 0, count: 1024))
    }

    @Test func renameSurvivesWholeOrNotAtAll() throws {
        let disk = try makeDisk()
        try disk.put(twos, at: "/b")
        try disk.open("/b", .readWrite).sync()
        try disk.syncDirectory("/")
        try disk.rename("/b", to: "/a")
        #expect(disk.crashLosingEverythingUnsynced().contents(of: "/a") == ones)
        var outcomes: Set<[[UInt8]?]> = []
        for seed in 0 ..< 50 as Range<UInt64> {
            let found = disk.crash(seed: seed)
            outcomes.insert([found.contents(of: "/a"), found.contents(of: "/b")])
        }
        #expect(outcomes == [[ones, twos], [twos, nil]])
        try disk.syncDirectory("/")
        #expect(disk.crashLosingEverythingUnsynced().contents(of: "/a") == twos)
        #expect(disk.crashLosingEverythingUnsynced().contents(of: "/b") == nil)
    }

    @Test func deletionThatWasNotSyncedMayComeBack() throws {
        let disk = try makeDisk()
        try disk.delete("/a")
        #expect(disk.crashLosingEverythingUnsynced().contents(of: "/a") == ones)
        try disk.syncDirectory("/")
        #expect(disk.crashLosingEverythingUnsynced().contents(of: "/a") == nil)
        #expect(disk.usedBytes == 0)
    }

    @Test func storesThroughAMapAreUnsyncedChanges() throws {
        let disk = try makeDisk()
        let file = try disk.open("/a", .readWrite)
        let map = try file.map(count: 1024, isWritable: true)
        #expect(map.storeRelease(.max, at: 512))
        #expect(disk.crashLosingEverythingUnsynced().contents(of: "/a") == ones)
        #expect(disk.crashKeepingEverything().contents(of: "/a")?[512] == 255)
        try file.sync()
        #expect(disk.crashLosingEverythingUnsynced().contents(of: "/a")?[512] == 255)
        #expect(map.storeRelease(0, at: 0))
        try file.write([9], at: 8)
        #expect(disk.crashLosingEverythingUnsynced().contents(of: "/a")?[0] == 1)
    }

    @Test func syncOfAMapMakesItsSectorsDurableAndNothingElse() throws {
        let disk = try makeDisk()
        let file = try disk.open("/a", .readWrite)
        try file.preallocate(size: 12288)
        try file.sync()
        let map = try file.map(from: 4096, count: 600, isWritable: true)
        for offset in [0, 4096, 5000, 12288] { try file.write([7], at: offset) }
        #expect(map.storeRelease(UInt64(8).littleEndian, at: 8))
        try file.sync(map)
        let found = try #require(disk.crashLosingEverythingUnsynced().contents(of: "/a"))
        #expect(found.count == 12288)
        // The sector that the map ends in is durable as a whole.
        #expect([found[0], found[4096], found[4104], found[5000]] == [1, 7, 8, 7])
        let other = try disk.open("/a", .readWrite).map(count: 512, isWritable: false)
        #expect(throws: Never.self) { try file.sync(other) }
        try disk.put(ones, at: "/b")
        let stranger = try disk.open("/b", .readOnly).map(count: 512, isWritable: false)
        #expect(DiskConformanceTests.errorNumber { try file.sync(stranger) } == EINVAL)
    }

    @Test func sameSeedGivesTheSameCrash() throws {
        let disk = try makeDisk()
        try disk.put(twos, at: "/a")
        try disk.put(twos, at: "/b")
        for seed in 0 ..< 50 as Range<UInt64> {
            let first = disk.crash(seed: seed)
            let second = disk.crash(seed: seed)
            #expect(first.contents(of: "/a") == second.contents(of: "/a"), "seed \(seed)")
            #expect(first.contents(of: "/b") == second.contents(of: "/b"), "seed \(seed)")
        }
    }

    @Test func diskGoesOnAfterACrashWithoutTouchingWhatWasFound() throws {
        let disk = try makeDisk()
        let found = disk.crashKeepingEverything()
        try disk.put(twos, at: "/a")
        try found.put([7], at: "/b")
        #expect(found.contents(of: "/a") == ones)
        #expect(disk.contents(of: "/b") == nil)
        // What was found is durable, and crashes again.
        #expect(found.crashLosingEverythingUnsynced().contents(of: "/a") == ones)
    }

    @Test func lockDoesNotSurviveACrash() throws {
        let disk = try makeDisk()
        let file = try disk.open("/a", .readWrite)
        #expect(try file.lockExclusively())
        #expect(try disk.crashKeepingEverything().open("/a", .readWrite).lockExclusively())
    }
}
