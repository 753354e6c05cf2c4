// What leads to the files of a single-file store stands twice: verifying names the copy that does not hold, the next writer
// writes it again, and what is only on its way is not taken for rot.

import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct SingleFileCopyTests {
    private static let kinds: [Bench.Kind] = [.simulatedFile, .realFile]
    private static let events = Array(1 ... 8)

    /// A closed store of several segments.
    private static func bench(_ kind: Bench.Kind) throws -> Bench {
        let bench = try Bench(kind)
        let log = try bench.open()
        for number in events {
            _ = try log.appendBlocking(Commit(events: [Story.event(number, of: number % 3, noise: 20_000)]))
        }
        try log.closeBlocking()
        return bench
    }

    private static func simulated() throws -> (bench: Bench, disk: SimulatedDisk) {
        let bench = try bench(.simulatedFile)
        return (bench, try #require(bench.disk as? SimulatedDisk))
    }

    @Test(arguments: LeadingCopy.allCases, kinds)
    func rottenCopyIsNamedAndWrittenAgainByTheNextWriter(copy: LeadingCopy, kind: Bench.Kind) throws {
        let bench = try Self.bench(kind)
        defer { bench.remove() }
        #expect(try Log.verify(at: bench.path, disk: bench.disk).isWhole)
        let place = try copy.place(in: bench.path, on: bench.disk)
        try copy.spoil(in: bench.path, on: bench.disk)
        // A reader mends nothing.
        for _ in 0 ..< 2 {
            let report = try Log.verify(at: bench.path, disk: bench.disk)
            let finding = try #require(report.findings.first)
            #expect(report.findings.count == 1)
            #expect(finding.kind == .file && finding.segment == nil && finding.positions == nil)
            #expect(finding.offset == place.lowerBound)
            #expect(finding.subject == copy.findingSubject)
            #expect(finding.reason.contains("open the store for appending"))
            #expect(report.eventCount == 8)
            #expect(try bench.open(.readOnly).numbers() == Self.events)
        }
        try LeadingCopy.takeLock(bench.path, on: bench.disk)
        #expect(try LeadingCopy.damage(bench.path, on: bench.disk).isEmpty)
        #expect(try Log.verify(at: bench.path, disk: bench.disk).isWhole)
        // Now the other one may be lost as well.
        try copy.other.spoil(in: bench.path, on: bench.disk)
        #expect(try bench.open(.readOnly).numbers() == Self.events)
    }

    @Test(arguments: LeadingCopy.allCases)
    func eachByteOfACopyIsLookedAt(copy: LeadingCopy) throws {
        let (bench, disk) = try Self.simulated()
        let place = try copy.place(in: bench.path, on: disk)
        for offset in place {
            disk.corrupt(bench.path, at: offset, bit: offset % 8)
            let found = try LeadingCopy.damage(bench.path, on: disk)
            #expect(found.map(\.subject) == [copy.subject], "byte \(offset)")
            #expect(found.map(\.offset) == [place.lowerBound], "byte \(offset)")
            disk.corrupt(bench.path, at: offset, bit: offset % 8)
        }
        #expect(try LeadingCopy.damage(bench.path, on: disk).isEmpty)
    }

    /// A table that the file ends in front of counts as one that does not hold.
    @Test func secondCopyBehindTheEndOfTheFileIsNamedAndWrittenAgain() throws {
        let (bench, disk) = try Self.simulated()
        var store = try SingleFileForgery(disk)
        store.superblock.tableOffset = try disk.open(bench.path, .readOnly).size()
        try store.put()
        let place = try LeadingCopy.secondTable.place(in: bench.path, on: disk)
        try disk.open(bench.path, .readWrite).truncate(to: place.lowerBound + 30)
        #expect(try LeadingCopy.damage(bench.path, on: disk).map(\.offset) == [place.lowerBound])
        try LeadingCopy.takeLock(bench.path, on: disk)
        #expect(try LeadingCopy.damage(bench.path, on: disk).isEmpty)
        #expect(try bench.open().numbers() == Self.events)
    }

    @Test func salvageNotesTheCopyAndLosesNothing() throws {
        for copy in LeadingCopy.allCases {
            let (bench, disk) = try Self.simulated()
            let offset = try copy.place(in: bench.path, on: disk).lowerBound
            try copy.spoil(in: bench.path, on: disk)
            let report = try Log.salvage(from: bench.path, to: "/other", disk: disk)
            #expect(report.isComplete)
            #expect(report.notes.map(\.offset) == [offset])
            #expect(report.eventCount == 8)
        }
    }

    // MARK: What is no damage

    /// The making of a file writes both at once, and a crash keeps any part of that.
    @Test(arguments: [0, 1], [0, 100, 512])
    func placeThatTheMakingOfTheFileDidNotReachIsNoDamage(place: Int, keptCount: Int) throws {
        let disk = SimulatedDisk()
        let room = try DiskRoom(inside: "/room.recall", on: disk, remove: {})
        let offset = SingleFileFormat.superblockOffsets[place] + keptCount
        let zeros = [UInt8](repeating: 0, count: Format.headerSize - keptCount)
        try disk.open(room.root, .readWrite).write(zeros, at: offset)
        #expect(try LeadingCopy.damage(room.root, on: disk).isEmpty)
        if place == 1 {
            try disk.open(room.root, .readWrite).truncate(to: offset)
            #expect(try LeadingCopy.damage(room.root, on: disk).isEmpty)
        }
    }

    /// When there is a store, both were written long ago.
    @Test(arguments: [LeadingCopy.evenSuperblock, .oddSuperblock])
    func zerosWhereASuperblockWasAreDamage(copy: LeadingCopy) throws {
        let (bench, disk) = try Self.simulated()
        let place = try copy.place(in: bench.path, on: disk)
        try disk.open(bench.path, .readWrite).write(
            [UInt8](repeating: 0, count: place.count), at: place.lowerBound)
        #expect(try Log.verify(at: bench.path, disk: disk).findings.map(\.offset) == [place.lowerBound])
    }

    /// Each crash of a change leaves superblocks that are equal or one generation apart, and nothing to find fault with.
    @Test func crashOfAnyChangeLeavesNoDamage() throws {
        let (bench, disk) = try Self.simulated()
        disk.startRecording()
        let log = try bench.open()
        for number in 9 ... 16 {
            _ = try log.appendBlocking(Commit(events: [Story.event(number, of: number % 3, noise: 20_000)]))
        }
        try log.closeBlocking()
        let found = disk.finishRecording()
        var unsettledCount = 0
        for mutation in TestEffort.steps(found.indices) {
            for crash in [SimulatedCrash.losingEverythingUnsynced, .arbitrary(seed: UInt64(mutation))] {
                let left = found[mutation].crash(crash)
                #expect(
                    try LeadingCopy.damage(bench.path, on: left).isEmpty, "mutation \(mutation), \(crash)")
                let bytes = try #require(left.contents(of: bench.path))
                if bytes[0 ..< 512] != bytes[8192 ..< 8704] { unsettledCount += 1 }
            }
        }
        if TestEffort.isWhole { #expect(unsettledCount > 10) }
    }

    /// A superblock of long ago is what a write that the disk lost leaves: the other one has no spare.
    @Test func superblockOfAnOlderChangeIsDamage() throws {
        let (bench, disk) = try Self.simulated()
        let bytes = try #require(disk.contents(of: bench.path))
        try LeadingCopy.takeLock(bench.path, on: disk)
        let log = try bench.open()
        for number in 9 ... 16 {
            _ = try log.appendBlocking(Commit(events: [Story.event(number, of: number % 3, noise: 20_000)]))
        }
        try log.closeBlocking()
        let superblock = try LeadingCopy.superblock(bench.path, on: disk)
        let place = SingleFileFormat.superblockOffsets[Int((superblock.generation + 1) % 2)]
        try disk.open(bench.path, .readWrite).write(Array(bytes[place ..< place + 512]), at: place)
        let report = try Log.verify(at: bench.path, disk: disk)
        #expect(report.findings.map(\.subject) == [.superblock])
        #expect(report.findings.map(\.offset) == [place])
        #expect(report.findings.first?.reason.contains("of generation") == true)
        #expect(report.eventCount == 16)
    }

    // MARK: Beside a writer

    /// A writer that is in the middle of its write each time somebody looks: what changes between two looks is no rot, and
    /// what stays is.
    @Test(arguments: SingleFileFormat.superblockOffsets, [true, false])
    func copyThatChangesBetweenTwoLooksIsNoRot(offset: Int, isChanging: Bool) throws {
        let (bench, disk) = try Self.simulated()
        let torn = TornDisk(disk, path: bench.path, at: offset) {
            isChanging ? UInt8(truncatingIfNeeded: $0) | 1 : 1
        }
        let report = try Log.verify(at: bench.path, disk: torn)
        #expect(report.findings.map(\.offset) == (isChanging ? [] : [offset]))
        #expect(report.eventCount == 8)
    }

    /// One read in the middle of a write, whichever of them it is.
    @Test(arguments: SingleFileFormat.superblockOffsets)
    func copyThatIsTornOnceIsNoRot(offset: Int) throws {
        let (bench, disk) = try Self.simulated()
        for number in 1 ... 12 {
            let torn = TornDisk(disk, path: bench.path, at: offset) { $0 == number ? 0x40 : 0 }
            #expect(try Log.verify(at: bench.path, disk: torn).findings.isEmpty, "read \(number)")
        }
    }

    // MARK: Mending

    /// Power that is lost while a copy is written again takes nothing, and the next writer ends what was begun.
    @Test(arguments: LeadingCopy.allCases)
    func crashWhileACopyIsWrittenAgainCostsNothing(copy: LeadingCopy) throws {
        let (bench, disk) = try Self.simulated()
        try copy.spoil(in: bench.path, on: disk)
        disk.startRecording()
        try LeadingCopy.takeLock(bench.path, on: disk)
        let found = disk.finishRecording()
        try #require(found.count > 4)
        for mutation in found.indices {
            for crash in [
                SimulatedCrash.losingEverythingUnsynced, .keepingEverything,
                .arbitrary(seed: UInt64(mutation)), .arbitrary(seed: UInt64(mutation + 100)),
            ] {
                let left = found[mutation].crash(crash)
                let comment: Comment = "mutation \(mutation), crash \(crash)"
                var configuration = bench.configuration
                configuration.readerThreadCount = 1
                let reader = try Log.openBlocking(
                    at: bench.path, access: .readOnly, configuration: configuration, disk: left)
                #expect(try reader.numbers() == Self.events, comment)
                try reader.closeBlocking()
                try LeadingCopy.takeLock(bench.path, on: left)
                #expect(try Log.verify(at: bench.path, disk: left).isWhole, comment)
            }
        }
    }

    /// The copy that holds is not written before the other one is durable: a write could spoil it.
    @Test(arguments: [LeadingCopy.evenSuperblock, .oddSuperblock], [0, 1])
    func superblockThatDoesNotHoldIsWrittenFirst(copy: LeadingCopy, extraChangeCount: Int) throws {
        let (bench, disk) = try Self.simulated()
        // So that either place is the one that a change writes first.
        if extraChangeCount > 0 {
            let inside = InsideDisk.files(ofStoreAt: bench.path, on: disk)
            try inside.createDirectory(bench.path + "/stranger")
        }
        let place = try copy.place(in: bench.path, on: disk)
        try copy.spoil(in: bench.path, on: disk)
        let mutationCount = disk.mutationCount
        disk.stop(afterMutation: mutationCount + 1)
        let lock = try SingleFileDisk(bench.path, on: disk, isReadOnly: false).open(
            bench.path + "/lock", .readWrite)
        #expect(throws: DiskError.self) { try lock.lockExclusively() }
        let bytes = try #require(disk.crashKeepingEverything().contents(of: bench.path))
        #expect(throws: Never.self) { try Superblock(decoding: Array(bytes[place]).span.bytes) }
    }

    /// Without room for a new table the one copy serves on; with room, the next writer makes two again.
    @Test func fullDiskKeepsNoWriterOutAndTheTableIsMendedLater() throws {
        let (bench, disk) = try Self.simulated()
        try LeadingCopy.firstTable.spoil(in: bench.path, on: disk)
        // Beside a reader, nothing that is free is used.
        let reader = try bench.open(.readOnly)
        disk.setCapacity(bytes: disk.usedBytes)
        try LeadingCopy.takeLock(bench.path, on: disk)
        #expect(try LeadingCopy.damage(bench.path, on: disk).count == 1)
        #expect(try reader.numbers() == Self.events)
        disk.setCapacity(bytes: nil)
        try LeadingCopy.takeLock(bench.path, on: disk)
        #expect(try LeadingCopy.damage(bench.path, on: disk).isEmpty)
        #expect(try reader.numbers() == Self.events)
    }
}
