// Short transfers, errors in the middle of one, and the same calls twice: what the loop that completes a transfer, and
// everything above it, must bear.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct SimulatedTransferTests {
    private func bytes(_ count: Int) -> [UInt8] { (0 ..< count).map { UInt8(truncatingIfNeeded: $0 &* 7) } }

    private func makeDisk(seed: UInt64? = nil) throws -> (SimulatedDisk, any DiskFile) {
        var options = SimulatedDisk.Options()
        options.transferSeed = seed
        let disk = SimulatedDisk(options: options)
        return (disk, try disk.open("/a", .createNew))
    }

    @Test func shortTransfersAreCompleted() throws {
        var shortCount = 0
        for seed in 0 ..< 40 as Range<UInt64> {
            let (disk, file) = try makeDisk(seed: seed)
            try file.write(bytes(3000), at: 100)
            #expect(try Array(file.contents().dropFirst(100)) == bytes(3000), "seed \(seed)")
            var buffer = [UInt8](repeating: 0, count: 5000)
            let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0, at: 1100) }
            #expect(count == 2000, "seed \(seed)")
            #expect(Array(buffer.prefix(2000)) == Array(bytes(3000).suffix(2000)), "seed \(seed)")
            shortCount += disk.trace.count { $0.shortCount != nil }
        }
        #expect(shortCount > 40)
    }

    @Test func partIsACallOfItsOwnSoThatACrashComesBetweenTwo() throws {
        let (disk, file) = try makeDisk()
        disk.plan(SimulatedFault(.write, number: 0, effect: .short(byteCount: 10)))
        disk.stop(afterMutation: disk.mutationCount + 1)
        #expect(DiskConformanceTests.errorNumber { try file.write(bytes(30), at: 0) } == EIO)
        #expect(disk.contents(of: "/a") == bytes(10))
        #expect(disk.trace.last?.description == "#2     write /a 30 bytes at 0 -> 10 bytes")
    }

    @Test func shortTransferThatIsPlannedStrikesOnce() throws {
        let (disk, file) = try makeDisk()
        try file.write(bytes(100), at: 0)
        for kind in [SimulatedOperation.Kind.write, .read] {
            disk.plan(SimulatedFault(kind, number: 0, effect: .short(byteCount: 0)))
            let before = disk.operationCount
            if kind == .write { try file.write(bytes(50), at: 100) }
            if kind == .read {
                var buffer = [UInt8](repeating: 0, count: 50)
                #expect(try buffer.withUnsafeMutableBytes { try file.read(into: $0, at: 100) } == 50)
                #expect(buffer == bytes(50))
            }
            #expect(disk.operationCount == before + 2)
            // No transfer is of nothing: that would be the end of the file, or no end of the loop.
            #expect(disk.trace.dropLast().last?.shortCount == 1)
        }
    }

    @Test func errorInTheMiddleOfATransferLeavesItsPart() throws {
        let (disk, file) = try makeDisk()
        try file.write(bytes(100), at: 0)
        disk.plan(SimulatedFault(.write, number: 0, effect: .short(byteCount: 7)))
        disk.plan(SimulatedFault(.write, occurrence: 2, number: EIO))
        #expect(
            DiskConformanceTests.errorNumber { try file.write([UInt8](repeating: 0, count: 20), at: 0) }
                == EIO)
        #expect(disk.contents(of: "/a") == [UInt8](repeating: 0, count: 7) + bytes(100).dropFirst(7))
        disk.plan(SimulatedFault(.read, number: EIO, effect: .failAfter(byteCount: 5)))
        var buffer = [UInt8](repeating: 0, count: 20)
        #expect(
            DiskConformanceTests.errorNumber {
                try buffer.withUnsafeMutableBytes { try file.read(into: $0, at: 10) }
            } == EIO)
        #expect(buffer == Array(bytes(100)[10 ..< 15]) + [UInt8](repeating: 0, count: 15))
    }

    @Test func fullDiskIsShortFirstAndRefusesTheRest() throws {
        let (disk, file) = try makeDisk()
        disk.setCapacity(bytes: 25)
        #expect(DiskConformanceTests.errorNumber { try file.write(bytes(40), at: 0) } == ENOSPC)
        #expect(disk.contents(of: "/a") == bytes(25))
        #expect(
            disk.trace.suffix(2).map(\.description) == [
                "#2     write /a 40 bytes at 0 -> 25 bytes",
                "#3     write /a 15 bytes at 25 -> 0 bytes -> errno \(ENOSPC)",
            ])
    }

    @Test func killedProcessLosesNothingAndMakesNothingDurable() throws {
        let (disk, file) = try makeDisk()
        try file.write(bytes(600), at: 0)
        try file.sync()
        try disk.syncDirectory("/")
        try file.write(bytes(600), at: 600)
        try disk.put([1], at: "/b")
        #expect(try file.lockExclusively())
        let found = disk.kill()
        #expect(found.contents(of: "/a") == bytes(600) + bytes(600))
        #expect(found.contents(of: "/b") == [1])
        #expect(try found.open("/a", .readWrite).lockExclusively())
        // The power goes after all.
        let lost = found.crashLosingEverythingUnsynced()
        #expect(lost.contents(of: "/a") == bytes(600))
        #expect(lost.contents(of: "/b") == nil)
        // The two disks go apart.
        try found.put([9], at: "/a")
        #expect(disk.contents(of: "/a")?.first == bytes(1)[0])
    }

    @Test func recordingGivesTheDiskAfterEachNumberOfMutations() throws {
        let (disk, file) = try makeDisk()
        disk.startRecording()
        try file.write(bytes(4), at: 0)
        try file.sync()
        _ = try file.contents()
        try file.write([9], at: 0)
        let recorded = disk.finishRecording()
        #expect(
            recorded.map { $0.contents(of: "/a") ?? [] } == [
                [], bytes(4), bytes(4), [9] + bytes(4).dropFirst(),
            ])
        try disk.syncDirectory("/")
        #expect(disk.finishRecording().count == 1)
        #expect(recorded[2].transcript().contains("found: killed after mutation 3"))
    }

    @Test func transcriptHoldsWhatARepetitionNeeds() throws {
        let (disk, file) = try makeDisk(seed: 12)
        for number in 0 ..< 60 { try file.write([1], at: number) }
        let found = disk.crash(seed: 34).kill()
        _ = try? found.open("/no", .readOnly)
        let text = found.transcript(lastOperationCount: 5)
        #expect(text.contains("transferSeed: Optional(12)"))
        #expect(text.contains("arbitrary(seed: 34) after mutation 61"))
        #expect(text.contains("open /no -> errno \(ENOENT)"))
        #expect(disk.transcript(lastOperationCount: 5).split(separator: "\n").count == 7)
    }

    /// One seed, one story: a whole life of a log, twice, gives the same calls and the same bytes.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func sameSeedGivesTheSameCallsAndTheSameBytes(seed: UInt64) throws {
        func live() throws -> (SimulatedDisk, SimulatedDisk) {
            var options = SimulatedDisk.Options()
            options.transferSeed = seed
            let disk = SimulatedDisk(options: options)
            var configuration = LogConfiguration()
            configuration.segmentBytesMax = 64 << 10
            configuration.readerThreadCount = 1
            configuration.housekeepingThreadCount = 0
            configuration.isRewriting = true
            configuration.rewriteGainMin = -100
            configuration.writeAheadBytes = 4096
            configuration.randomBits = { seed }
            configuration.clock = .fixed(at: Timestamp(microsecondsSince1970: 1_000_000))
            for session in 0 ..< 2 {
                let log = try Log.openBlocking(at: "/store", configuration: configuration, disk: disk)
                for number in 0 ..< 40 {
                    let event = Story.event(session * 100 + number, of: number % 3, noise: 3000)
                    _ = try log.appendBlocking(Commit(events: [event]))
                }
                try log.closeBlocking()
            }
            return (disk, disk.crash(seed: seed))
        }
        let (first, firstFound) = try live()
        let (second, secondFound) = try live()
        #expect(first.trace == second.trace)
        #expect(first.trace.contains { $0.kind == .write && $0.shortCount != nil })
        for (one, other) in [(first, second), (firstFound, secondFound)] {
            for directory in ["/store", "/store/segments", "/store/indexes"] {
                #expect(try one.list(directory) == other.list(directory))
                for name in try one.list(directory) where name != "lock" {
                    let path = directory + "/" + name
                    #expect(one.contents(of: path) == other.contents(of: path), "\(path)")
                }
            }
        }
    }
}
