// Single-file stores of which nothing leads to the segments any more: these are found by their headers, with the same
// outcome as if the table of contents were there, and neither what was let go nor a payload passes for a segment.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct SalvageSearchTests {
    /// What can be lost of what leads to the files.
    enum Leading: String, CaseIterable, Sendable {
        case tables, superblocks

        var copies: [LeadingCopy] {
            self == .tables ? [.firstTable, .secondTable] : [.evenSuperblock, .oddSuperblock]
        }

        /// - Returns: the whole file afterwards.
        func lose(_ store: SalvageStore) throws -> [UInt8] {
            let offsets = try copies.map { try $0.place(in: store.path, on: store.disk).lowerBound + 20 }
            for offset in offsets { try LeadingCopy.flip(store.path, on: store.disk, at: offset) }
            let error = #expect(throws: StoreError.self) {
                try Log.openBlocking(at: store.path, access: .readOnly, disk: store.disk)
            }
            #expect(error?.code == .damaged)
            return try SalvageSearchTests.bytes(store)
        }
    }

    private static func bytes(_ store: SalvageStore) throws -> [UInt8] {
        try store.disk.open(store.path, .readOnly).contents()
    }

    /// Where the store's files are in its file.
    private static func places(_ store: SalvageStore) throws -> [String: FileTable.Placement] {
        let superblock = try LeadingCopy.superblock(store.path, on: store.disk)
        let table = try DiskBytes.read(
            store.disk.open(store.path, .readOnly), from: superblock.tableOffset, count: superblock.tableSize
        ).withBytes { try FileTable(decoding: $0, generation: superblock.generation) }
        return table.entries.reduce(into: [:]) { $0["\(store.path)/\($1.name)"] = $1.placement }
    }

    /// Salvages, and checks what is copied and what is listed.
    private static func salvage(
        _ store: SalvageStore, lost: Set<UInt64>, _ leading: Leading, _ comment: Comment
    ) throws -> SalvageReport {
        let before = try leading.lose(store)
        let report = try Log.salvage(from: store.path, to: store.destination, disk: store.disk)
        #expect(try Self.bytes(store) == before, comment)
        try SalvageCheck.check(store, lost: lost, report, comment)
        #expect(report.notes.first?.reason.contains("segments were found by their headers") == true, comment)
        return report
    }

    /// The damages that cost the same whether names lead to the segments or not. In the others, the bytes of a segment are
    /// still there when its name is not.
    private static let damages = SalvageDamage.all.filter { damage in
        !["missing", "cut", "empty"].contains { damage.name.contains($0) }
    }

    @Test(arguments: damages, Leading.allCases)
    func segmentsAreFoundAndTheRestIsListed(damage: SalvageDamage, leading: Leading) throws {
        let store = try SalvageStore(.simulatedFile)
        try #require(store.segmentCount >= 4)
        let lost = try damage.apply(store)
        let report = try Self.salvage(store, lost: lost, leading, "\(damage.name)")
        #expect(report.segmentCount >= store.segmentCount - 1)
    }

    @Test(arguments: Leading.allCases)
    func segmentsAreFoundOnARealDisk(leading: Leading) throws {
        let store = try SalvageStore(.realFile)
        defer { store.remove() }
        let commit = store.commits(ofSegment: 2)[3]
        try store.flip(store.segmentPath(2), at: commit.offset + 30)
        _ = try Self.salvage(store, lost: Set(commit.positions), leading, "\(leading)")
    }

    @Test(arguments: [true, false])
    func storeThatWasNotClosedIsFound(isKept: Bool) throws {
        let store = try SalvageStore(.simulatedFile, isClosed: false)
        let disk = try #require(store.disk as? SimulatedDisk)
        let found = SalvageStore(
            store, on: isKept ? disk.crashKeepingEverything() : disk.crashLosingEverythingUnsynced())
        _ = try Self.salvage(found, lost: [], .tables, "kept: \(isKept)")
    }

    /// A segment that was copied elsewhere leaves a part of itself in its old place.
    @Test func whatIsLeftOfASegmentInAnotherPlaceIsTakenOnlyWhereItHoldsMore() throws {
        for isLost in [false, true] {
            let store = try SalvageStore(.simulatedFile)
            let commits = store.commits(ofSegment: 2)
            let end = commits[20].endOffset
            var part = Array(try store.bytes(of: store.segmentPath(2)).prefix(end))
            part += [UInt8](repeating: 0xA7, count: SingleFileFormat.roundedUp(end) - end)
            let file = try store.disk.open(store.path, .readWrite)
            try file.write(part, at: SingleFileFormat.roundedUp(try file.size()))
            try file.sync()
            if isLost {
                for copy in 0 ..< 2 {
                    try store.flip(store.segmentPath(2), at: HeaderCopies.offset(ofCopy: copy) + 50)
                }
            }
            let lost = isLost ? commits.dropFirst(21).flatMap(\.positions) : []
            _ = try Self.salvage(store, lost: Set(lost), .tables, "lost: \(isLost)")
        }
    }

    /// A file that is cut short has lost its table, if that lay at the end, and what lies behind.
    @Test func fileThatIsCutInsideASegmentGivesWhatIsInFront() throws {
        let store = try SalvageStore(.simulatedFile)
        let places = try Self.places(store)
        let segments = (1 ... store.segmentCount).map { number in
            places[store.segmentPath(number)]?.offset ?? 0
        }
        let last = try #require(segments.indices.max { segments[$0] < segments[$1] })
        try #require(segments[last] > 0)
        let commits = store.commits(ofSegment: last + 1)
        let cut = commits[commits.count / 2]
        let lost = commits.filter { $0.endOffset >= cut.endOffset }.flatMap(\.positions)
        try store.disk.open(store.path, .readWrite).truncate(to: segments[last] + cut.endOffset - 3)
        // The table is in front of the cut, or behind it.
        if (try? Log.openBlocking(at: store.path, access: .readOnly, disk: store.disk)) != nil {
            _ = try Leading.tables.lose(store)
        }
        let report = try Log.salvage(from: store.path, to: store.destination, disk: store.disk)
        // A tail that is cut short and was never closed looks like a torn end.
        if last + 1 < store.segmentCount {
            try SalvageCheck.check(store, lost: Set(lost), report, "cut")
        } else {
            #expect(
                report.commitCount == store.commits.count
                    - commits.filter { $0.endOffset >= cut.endOffset }.count)
        }
    }

    /// The last segment that there was is missing: the one before it says so by its seal.
    @Test func lossOfTheLastSegmentIsListed() throws {
        let store = try SalvageStore(.simulatedFile)
        for copy in 0 ..< 2 {
            try store.flip(store.segmentPath(store.segmentCount), at: HeaderCopies.offset(ofCopy: copy) + 50)
        }
        _ = try Leading.tables.lose(store)
        let report = try Log.salvage(from: store.path, to: store.destination, disk: store.disk)
        let loss = try #require(report.losses.last)
        #expect(report.losses.count == 1)
        #expect(loss.segment == UInt64(store.segmentCount))
        #expect(
            loss.firstPosition?.rawValue
                == store.commits(ofSegment: store.segmentCount).first?.positions.lowerBound)
        #expect(loss.lastPosition == nil)
        #expect(loss.reason.contains("no header"))
    }

    // MARK: What is no segment

    /// A store of one large event, whose payload the test chooses.
    private static func store(_ payload: [UInt8]) throws -> Bench {
        let bench = try Bench(.simulatedFile, segmentBytesMax: 256 << 10)
        let clock = SteppingClock()
        let log = try bench.open {
            $0.isCompressing = false
            $0.randomBits = { 0x1234_5678_9ABC_DEF0 }
            $0.clock = clock.clock
        }
        var event = Story.event(1, of: 1)
        event.payload = Data(payload)
        _ = try log.appendBlocking(Commit(events: [event]))
        _ = try log.appendBlocking(Story.commit(2 ... 2, of: 1))
        try log.closeBlocking()
        return bench
    }

    /// Whoever knows the store's id can make a header, and let it be an event's payload at the beginning of a unit.
    @Test func headerInAPayloadIsNoSegment() throws {
        var payload = [UInt8](repeating: 0x21, count: 3 * SingleFileFormat.unitSize)
        let first = try #require(try Self.store(payload).disk as? SimulatedDisk)
        let bytes = try #require(first.contents(of: "/store.recall"))
        let start = try #require(bytes.firstRange(of: payload)).lowerBound
        let unit = SingleFileFormat.roundedUp(start)
        let storeID = RawIdentifier(high: 0x1234_5678_9ABC_DEF0, low: 0x1234_5678_9ABC_DEF0)
        let forged = SegmentHeader(
            storeID: storeID, number: 40, salt: 9, epoch: 1, firstPosition: 1_000, baseTime: 0,
            capacity: 64 << 10)
        var writer = ByteWriter()
        forged.encode(to: &writer)
        let copies = writer.withBytes { $0.withUnsafeBytes { Array($0) } }
        payload.replaceSubrange(unit - start ..< unit - start + copies.count, with: copies)

        let bench = try Self.store(payload)
        let disk = try #require(bench.disk as? SimulatedDisk)
        let found = try #require(disk.contents(of: bench.path))
        try #require(found[unit ..< unit + copies.count].elementsEqual(copies))
        let events = try bench.open(.readOnly).allEvents()
        for copy in LeadingCopy.allCases.suffix(2) { try copy.spoil(in: bench.path, on: disk) }
        let report = try Log.salvage(from: bench.path, to: "/other", disk: disk)
        #expect(report.isComplete, "\(report.losses)")
        #expect(report.segmentCount == 1)
        let salvaged = try Log.openBlocking(at: "/other", access: .readOnly, disk: disk).allEvents()
        #expect(salvaged.map(\.payload) == events.map(\.payload))
    }

    @Test(arguments: [10, 20_000, 100_000])
    func strangersFileIsNotSalvaged(size: Int) throws {
        let disk = SimulatedDisk()
        let letter = (0 ..< size).map { UInt8(truncatingIfNeeded: $0 % 90 + 33) }
        try disk.put(letter, at: "/store.recall")
        let error = #expect(throws: StoreError.self) {
            try Log.salvage(from: "/store.recall", to: "/other", disk: disk)
        }
        #expect(error?.code == .damaged)
        #expect(try disk.kind(of: "/other") == nil)
    }

    /// A writer makes names at any time, so a store in use is not searched.
    @Test func storeInUseIsNotSearched() throws {
        let store = try SalvageStore(.simulatedFile, commitCount: 10)
        let log = try store.bench.open()
        _ = try Leading.superblocks.lose(store)
        let error = #expect(throws: StoreError.self) {
            try Log.salvage(from: store.path, to: store.destination, disk: store.disk)
        }
        #expect(error?.code == .locked)
        #expect(try store.disk.kind(of: store.destination) == nil)
        try? log.closeBlocking()
    }
}
