// The failures that a simulated disk is told to have: each strikes the call it was planned for, once.

import Foundation
import RecallLog
import RecallTestKit
import Testing

@Suite struct SimulatedFaultTests {
    private let ones = [UInt8](repeating: 1, count: 1024)
    private let twos = [UInt8](repeating: 2, count: 1024)

    private func makeDisk(_ options: SimulatedDisk.Options = .init()) throws -> SimulatedDisk {
        let disk = SimulatedDisk(options: options)
        let file = try disk.open("/a", .createNew)
        try file.write(ones, at: 0)
        try file.sync()
        try disk.syncDirectory("/")
        return disk
    }

    /// Every call of the protocol, each on its own kind.
    static let calls: [(SimulatedOperation.Kind, @Sendable (SimulatedDisk, any DiskFile) throws -> Void)] = [
        (.openDirectory, { disk, _ in _ = try disk.openDirectory("/", isFollowingLinks: false) }),
        (.status, { disk, _ in _ = try disk.status(of: "/a", isFollowingLinks: false) }),
        (.open, { disk, _ in _ = try disk.open("/a", .readOnly) }),
        (.create, { disk, _ in _ = try disk.open("/new", .createNew) }),
        (.createDirectory, { disk, _ in try disk.createDirectory("/d") }),
        (.list, { disk, _ in _ = try disk.list("/") }),
        (.kind, { disk, _ in _ = try disk.kind(of: "/a") }),
        (.rename, { disk, _ in try disk.rename("/a", to: "/b") }),
        (.delete, { disk, _ in try disk.delete("/a") }),
        (.syncDirectory, { disk, _ in try disk.syncDirectory("/") }),
        (.size, { _, file in _ = try file.size() }),
        (.read, { _, file in _ = try file.contents() }),
        (.write, { _, file in try file.write([2], at: 0) }),
        (.sync, { _, file in try file.sync() }),
        (.preallocate, { _, file in try file.preallocate(size: 4096) }),
        (.truncate, { _, file in try file.truncate(to: 0) }),
        (.map, { _, file in _ = try file.map(count: 10, isWritable: false) }),
        (.isOverwrittenInPlace, { _, file in _ = try file.isOverwrittenInPlace() }),
        (.nextData, { _, file in _ = try file.nextData(from: 0) }),
        (.isLocked, { _, file in _ = try file.isLocked() }),
        (.announceReader, { _, file in try file.announceReader() }),
        (.hasReaders, { _, file in _ = try file.hasReaders() }),
        (.lock, { _, file in _ = try file.lockExclusively() }),
    ]

    @Test(arguments: calls.indices)
    func plannedFaultStrikesOnceAndChangesNothing(index: Int) throws {
        let (kind, body) = SimulatedFaultTests.calls[index]
        let disk = try makeDisk()
        let file = try disk.open("/a", .readWrite)
        disk.plan(SimulatedFault(kind, number: EIO))
        #expect(DiskConformanceTests.errorNumber { try body(disk, file) } == EIO, "\(kind)")
        #expect(disk.trace.last?.errorNumber == EIO)
        #expect(disk.contents(of: "/a") == ones)
        #expect(disk.crashKeepingEverything().contents(of: "/a") == ones)
        #expect(throws: Never.self) { try body(disk, file) }
    }

    /// A media error lasts, whatever is written, and finds out whoever would have died of a signal.
    @Test func whatIsLostForGoodIsNeitherReadNorMapped() throws {
        let disk = try makeDisk()
        #expect(disk.loseForGood(600 ..< 700, of: "/a"))
        #expect(!disk.loseForGood(600 ..< 700, of: "/b"))
        try disk.open("/a", .readWrite).write(twos, at: 0)
        for found in [disk, disk.kill(), disk.crashKeepingEverything()] {
            let file = try found.open("/a", .readOnly)
            #expect(DiskConformanceTests.errorNumber { try file.contents() } == EIO)
            #expect(try DiskBytes.read(file, from: 0, count: 600).count == 600)
            #expect(try DiskBytes.read(file, from: 700, count: 600).count == 324)
            #expect(
                DiskConformanceTests.errorNumber { try DiskBytes.read(file, from: 699, count: 9).count }
                    == EIO)
            #expect(
                DiskConformanceTests.errorNumber { try file.map(count: 601, isWritable: false) } == EFAULT)
            #expect(throws: Never.self) { try file.map(count: 600, isWritable: false) }
            #expect(found.contents(of: "/a") == twos)
        }
    }

    @Test func everyKindOfCallHasItsFault() {
        #expect(Set(SimulatedFaultTests.calls.map(\.0)) == Set(SimulatedOperation.Kind.allCases))
    }

    /// What a call cannot carry out is a failure, not nothing.
    @Test(arguments: calls.indices)
    func effectThatIsNotOfTheCallFailsIt(index: Int) throws {
        let (kind, body) = SimulatedFaultTests.calls[index]
        let effects: [SimulatedFault.Effect] = [
            .failAfter(byteCount: 0), .failForgettingDirtyData, .failRevertingDirtyData,
        ]
        for effect in effects {
            let disk = try makeDisk()
            let file = try disk.open("/a", .readWrite)
            disk.plan(SimulatedFault(kind, number: EIO, effect: effect))
            #expect(DiskConformanceTests.errorNumber { try body(disk, file) } == EIO, "\(kind) \(effect)")
        }
    }

    @Test func faultWaitsForItsOccurrenceAndItsPath() throws {
        let disk = try makeDisk()
        try disk.put(ones, at: "/b")
        disk.plan(SimulatedFault(.write, occurrence: 2, pathPart: "b", number: ENOSPC))
        try disk.put(twos, at: "/b")
        try disk.put(twos, at: "/a")
        #expect(DiskConformanceTests.errorNumber { try disk.put(ones, at: "/b") } == ENOSPC)
        try disk.put(ones, at: "/b")
    }

    @Test func writeMayFailAfterAPart() throws {
        let disk = try makeDisk()
        disk.plan(SimulatedFault(.write, number: EIO, effect: .failAfter(byteCount: 600)))
        #expect(DiskConformanceTests.errorNumber { try disk.put(twos, at: "/a") } == EIO)
        #expect(disk.contents(of: "/a") == Array(twos.prefix(600) + ones.suffix(424)))
    }

    @Test func failedSyncMayForgetWhatItDidNotWrite() throws {
        let disk = try makeDisk()
        let file = try disk.open("/a", .readWrite)
        try file.write(twos, at: 0)
        disk.plan(SimulatedFault(.sync, number: EIO, effect: .failForgettingDirtyData))
        #expect(DiskConformanceTests.errorNumber { try file.sync() } == EIO)
        // The cache still shows it, the next sync succeeds, and it is on no disk all the same.
        #expect(try file.contents() == twos)
        try file.sync()
        for seed in 0 ..< 50 as Range<UInt64> { #expect(disk.crash(seed: seed).contents(of: "/a") == ones) }
        // Written again, it counts again.
        try file.write(twos, at: 0)
        try file.sync()
        #expect(disk.crashLosingEverythingUnsynced().contents(of: "/a") == twos)
    }

    @Test func failedSyncMayRevertWhatItDidNotWrite() throws {
        let disk = try makeDisk()
        let file = try disk.open("/a", .readWrite)
        try file.write((twos + twos), at: 0)
        disk.plan(SimulatedFault(.sync, number: EIO, effect: .failRevertingDirtyData))
        #expect(DiskConformanceTests.errorNumber { try file.sync() } == EIO)
        #expect(try file.contents() == ones)
    }

    @Test func lyingSyncMakesNothingDurable() throws {
        let disk = try makeDisk()
        let file = try disk.open("/a", .readWrite)
        try file.write(twos, at: 0)
        disk.plan(SimulatedFault(.sync, number: 0, effect: .lie))
        disk.plan(SimulatedFault(.syncDirectory, number: 0, effect: .lie))
        try file.sync()
        try disk.put(ones, at: "/b")
        try disk.syncDirectory("/")
        #expect(disk.crashLosingEverythingUnsynced().contents(of: "/a") == ones)
        #expect(disk.crashLosingEverythingUnsynced().contents(of: "/b") == nil)
    }

    @Test func fullDiskTakesWhatFitsAndHasRoomAgainLater() throws {
        let disk = try makeDisk()
        disk.setCapacity(bytes: 1500)
        let file = try disk.open("/a", .readWrite)
        #expect(
            DiskConformanceTests.errorNumber { try file.write(twos, at: 1024) } == ENOSPC)
        #expect(try file.contents() == Array(ones + twos.prefix(476)))
        // In place needs no space.
        try file.write(twos, at: 0)
        #expect(DiskConformanceTests.errorNumber { try file.preallocate(size: 4096) } == ENOSPC)
        #expect(try file.size() == 1500)
        disk.setCapacity(bytes: nil)
        try file.preallocate(size: 4096)
    }

    @Test func stoppedDiskRefusesEveryCallAndKeepsWhatWasDone() throws {
        let disk = try makeDisk()
        let count = disk.mutationCount
        #expect(count == 4)
        disk.stop(afterMutation: count + 1)
        let file = try disk.open("/a", .readWrite)
        try file.write(twos, at: 0)
        #expect(DiskConformanceTests.errorNumber { try file.write(ones, at: 0) } == EIO)
        #expect(DiskConformanceTests.errorNumber { try file.contents() } == EIO)
        #expect(DiskConformanceTests.errorNumber { try disk.list("/") } == EIO)
        #expect(disk.mutationCount == count + 1)
        #expect(disk.crashKeepingEverything().contents(of: "/a") == twos)
    }

    @Test func rotFlipsOneBitForGood() throws {
        let disk = try makeDisk()
        #expect(disk.corrupt("/a", at: 700, bit: 3))
        var expected = ones
        expected[700] ^= 8
        #expect(disk.contents(of: "/a") == expected)
        #expect(disk.crashLosingEverythingUnsynced().contents(of: "/a") == expected)
        #expect(!disk.corrupt("/a", at: 1024, bit: 0))
        #expect(!disk.corrupt("/no", at: 0, bit: 0))
    }

    @Test func preallocatedSpaceMayHoldStaleBytes() throws {
        var options = SimulatedDisk.Options()
        options.staleBytes = [5, 6]
        let disk = try makeDisk(options)
        let file = try disk.open("/a", .readWrite)
        try file.preallocate(size: 1030)
        #expect(try file.contents() == ones + [5, 6, 5, 6, 5, 6])
    }

    @Test func traceSaysWhatWasDone() throws {
        let disk = try makeDisk()
        #expect(
            disk.trace.map(\.description) == [
                "#1     create /a", "#2     write /a 1024 bytes at 0", "#3     sync /a",
                "#4     syncDirectory /",
            ])
        _ = try? disk.open("/no", .readOnly)
        #expect(disk.trace.last?.description == "       open /no -> errno \(ENOENT)")
    }
}
