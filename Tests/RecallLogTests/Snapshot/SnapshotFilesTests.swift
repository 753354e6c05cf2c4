// Snapshot files on both disks: what was saved comes back, the newest wins, and what does not belong
// here is passed over.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct SnapshotFilesTests {
    static func code(_ body: () throws -> Void) -> StoreError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? StoreError)?.code
        }
    }

    private static let small: SnapshotSettings = {
        var settings = SnapshotSettings()
        settings.fileBytesMax = 2000
        settings.deadBytesMin = 1000
        return settings
    }()

    @Test(arguments: DiskUnderTest.allCases)
    func savedSnapshotComesBackNowAndAfterReopening(kind: DiskUnderTest) throws {
        let room = try SnapshotRoom(kind)
        let snapshots = [
            Snapshot.sample(1, at: 7), .sample(2, at: .max, payloadSize: 0),
            .sample(3, at: 0, payloadSize: 3_000_000),
            Snapshot(
                aggregateID: AggregateID(numbered: 4), aggregateType: "", version: .last, position: 1,
                schemaFingerprint: .max, time: Timestamp(microsecondsSince1970: .min),
                payload: Data(count: 1_000_000)),
        ]
        let files = room.open()
        for snapshot in snapshots { try files.save(snapshot) }
        for opened in [files, room.open(), room.open(isReadOnly: true)] {
            for snapshot in snapshots { #expect(try opened.latest(of: snapshot.aggregateID) == snapshot) }
            #expect(try opened.latest(of: AggregateID(numbered: 9)) == nil)
        }
        // A million zeros take next to nothing.
        #expect(try room.bytes(ofFile: 1).count < 3_020_000)
    }

    @Test(arguments: DiskUnderTest.allCases)
    func nothingIsTouchedBeforeTheFirstSave(kind: DiskUnderTest) throws {
        let room = try SnapshotRoom(kind)
        let files = room.open()
        #expect(try files.latest(of: AggregateID(numbered: 1)) == nil)
        try files.remove(AggregateID(numbered: 1))
        #expect(try room.disk.kind(of: room.directory) == nil)
    }

    @Test(arguments: DiskUnderTest.allCases)
    func newestWinsAndALowerPositionIsLeftOut(kind: DiskUnderTest) throws {
        let room = try SnapshotRoom(kind)
        let files = room.open()
        for position in [3, 9, 5, 9, 1] as [UInt64] {
            try files.save(.sample(1, at: position, payloadSize: Int(position)))
        }
        let other = Snapshot.sample(1, at: 9, payloadSize: 77)
        try files.save(other)
        #expect(try files.latest(of: other.aggregateID) == other)
        #expect(try room.open().latest(of: other.aggregateID) == other)
        #expect(try files.statistics() == room.open().statistics())
        #expect(try files.statistics().count == 1)
    }

    @Test(arguments: DiskUnderTest.allCases)
    func removedSnapshotStaysAwayAndMayBeSavedAnew(kind: DiskUnderTest) throws {
        let room = try SnapshotRoom(kind)
        let files = room.open()
        let id = AggregateID(numbered: 1)
        try files.save(.sample(1, at: 10))
        try files.save(.sample(2, at: 10))
        try files.remove(id)
        for opened in [files, room.open()] {
            #expect(try opened.latest(of: id) == nil)
            #expect(try opened.latest(of: AggregateID(numbered: 2)) == .sample(2, at: 10))
        }
        try files.save(.sample(1, at: 4))
        #expect(try files.latest(of: id) == .sample(1, at: 4))
        #expect(try room.open().latest(of: id) == .sample(1, at: 4))
    }

    @Test func removalIsDurableOnReturn() throws {
        let disk = SimulatedDisk()
        let files = SnapshotRoom(disk, directory: "/s").open()
        try files.save(.sample(1, at: 10))
        try files.remove(AggregateID(numbered: 1))
        try disk.syncDirectory("/")
        for crash in [SimulatedCrash.losingEverythingUnsynced] + (0 ..< 30).map({ .arbitrary(seed: $0) }) {
            let found = SnapshotRoom(disk.crash(crash), directory: "/s").open()
            #expect(try found.latest(of: AggregateID(numbered: 1)) == nil)
            #expect(try found.statistics().totalBytes > 0, "the removal itself must be there")
        }
    }

    @Test(arguments: DiskUnderTest.allCases)
    func reopenedFilesGoOnWhereTheyEnded(kind: DiskUnderTest) throws {
        let room = try SnapshotRoom(kind)
        for position in 1 ... 20 as ClosedRange<UInt64> {
            try room.open().save(.sample(UInt8(position % 3), at: position))
        }
        #expect(try room.names() == ["00000001.snapshots"])
        #expect(try room.open().latest(of: AggregateID(numbered: 2)) == .sample(2, at: 20))
    }

    @Test(arguments: DiskUnderTest.allCases)
    func fullFileIsFollowedByANewOne(kind: DiskUnderTest) throws {
        let room = try SnapshotRoom(kind)
        var settings = SnapshotFilesTests.small
        settings.deadBytesMin = .max
        let files = room.open(settings: settings)
        for position in 1 ... 40 as ClosedRange<UInt64> {
            try files.save(.sample(UInt8(position), at: position))
        }
        #expect(try room.names().count > 2)
        for opened in [files, room.open()] {
            for number in 1 ... 40 as ClosedRange<UInt8> {
                #expect(
                    try opened.latest(of: AggregateID(numbered: number))
                        == .sample(number, at: UInt64(number)))
            }
        }
    }

    @Test(arguments: DiskUnderTest.allCases)
    func compactionKeepsWhatCountsAndNothingElse(kind: DiskUnderTest) throws {
        let room = try SnapshotRoom(kind)
        let files = room.open(settings: SnapshotFilesTests.small)
        for position in 1 ... 300 as ClosedRange<UInt64> {
            try files.save(.sample(UInt8(position % 4), at: position))
            if position == 200 { try files.remove(AggregateID(numbered: 3)) }
            let statistics = try files.statistics()
            #expect(statistics.totalBytes - statistics.liveBytes < 1000 + statistics.liveBytes + 200)
        }
        try files.remove(AggregateID(numbered: 2))
        try files.compact()
        #expect(try room.names().count == 1)
        #expect(try files.statistics().totalBytes == files.statistics().liveBytes)
        for opened in [files, room.open()] {
            #expect(try opened.latest(of: AggregateID(numbered: 0)) == .sample(0, at: 300))
            #expect(try opened.latest(of: AggregateID(numbered: 1)) == .sample(1, at: 297))
            #expect(try opened.latest(of: AggregateID(numbered: 2)) == nil)
            #expect(try opened.latest(of: AggregateID(numbered: 3)) == .sample(3, at: 299))
        }
        try files.save(.sample(2, at: 1))
        #expect(try room.open().latest(of: AggregateID(numbered: 2)) == .sample(2, at: 1))
    }

    @Test(arguments: DiskUnderTest.allCases)
    func filesOfAnotherStoreAreIgnoredAndLeftAlone(kind: DiskUnderTest) throws {
        let room = try SnapshotRoom(kind)
        try room.open().save(.sample(1, at: 10))
        let foreign = try room.bytes(ofFile: 1)
        let other = room.open(storeID: RawIdentifier(high: 1, low: 2))
        #expect(try other.latest(of: AggregateID(numbered: 1)) == nil)
        try other.save(.sample(1, at: 3))
        #expect(try other.latest(of: AggregateID(numbered: 1)) == .sample(1, at: 3))
        #expect(try room.bytes(ofFile: 1) == foreign)
        #expect(try room.open().latest(of: AggregateID(numbered: 1)) == .sample(1, at: 10))
    }

    @Test(arguments: DiskUnderTest.allCases)
    func fileUnderAnotherNameIsIgnored(kind: DiskUnderTest) throws {
        let room = try SnapshotRoom(kind)
        try room.open().save(.sample(1, at: 10))
        try room.disk.rename(room.path(1), to: room.path(5))
        let files = room.open()
        #expect(try files.latest(of: AggregateID(numbered: 1)) == nil)
        try files.save(.sample(1, at: 3))
        #expect(try room.names() == ["00000005.snapshots", "00000006.snapshots"])
    }

    @Test func readOnlyFilesAreNeverChanged() throws {
        let disk = SimulatedDisk()
        let room = SnapshotRoom(disk, directory: "/s")
        try room.open().save(.sample(1, at: 10))
        let count = disk.mutationCount
        let reader = room.open(isReadOnly: true)
        #expect(try reader.latest(of: AggregateID(numbered: 1)) == .sample(1, at: 10))
        #expect(SnapshotFilesTests.code { try reader.save(.sample(1, at: 11)) } == .readOnly)
        #expect(SnapshotFilesTests.code { try reader.remove(AggregateID(numbered: 1)) } == .readOnly)
        #expect(SnapshotFilesTests.code { try reader.compact() } == .readOnly)
        #expect(disk.mutationCount == count)
    }

    @Test(arguments: DiskUnderTest.allCases)
    func readerBesideAWriterSeesWholeSnapshotsOnly(kind: DiskUnderTest) throws {
        let room = try SnapshotRoom(kind)
        let writer = room.open(settings: SnapshotFilesTests.small)
        let reader = room.open(isReadOnly: true)
        for position in 1 ... 200 as ClosedRange<UInt64> {
            try writer.save(.sample(UInt8(position % 3), at: position))
            let id = AggregateID(numbered: UInt8(position % 3))
            if let found = try reader.latest(of: id) {
                #expect(found == .sample(UInt8(position % 3), at: found.position.rawValue))
            }
            #expect(try room.open(isReadOnly: true).latest(of: id)?.position == Position(position))
        }
    }

    @Test(arguments: DiskUnderTest.allCases)
    func closedFilesRefuseEverything(kind: DiskUnderTest) throws {
        let room = try SnapshotRoom(kind)
        let files = room.open()
        try files.save(.sample(1, at: 1))
        files.close()
        #expect(SnapshotFilesTests.code { try files.save(.sample(1, at: 2)) } == .closed)
        #expect(SnapshotFilesTests.code { _ = try files.latest(of: AggregateID(numbered: 1)) } == .closed)
        #expect(SnapshotFilesTests.code { try files.remove(AggregateID(numbered: 1)) } == .closed)
        #expect(SnapshotFilesTests.code { try files.compact() } == .closed)
    }

    @Test(arguments: DiskUnderTest.allCases)
    func limitsAreRefusedWithTheirNumbers(kind: DiskUnderTest) throws {
        let room = try SnapshotRoom(kind)
        let files = room.open()
        var large = Snapshot.sample(1, at: 1)
        large.payload = Data(count: 64 << 20)
        try files.save(large)
        #expect(try files.latest(of: large.aggregateID)?.payload.count == 64 << 20)
        large.payload.append(0)
        #expect(SnapshotFilesTests.code { try files.save(large) } == .limitExceeded)
        var named = Snapshot.sample(2, at: 1)
        named.aggregateType = AggregateType(rawValue: String(repeating: "ä", count: 128))
        #expect(SnapshotFilesTests.code { try files.save(named) } == .limitExceeded)
        named.aggregateType = AggregateType(rawValue: String(repeating: "ä", count: 127) + "x")
        try files.save(named)
        #expect(try files.latest(of: named.aggregateID) == named)
    }

    @Test func eventsAreMadeDurableBeforeTheirSnapshotIsWritten() throws {
        let disk = SimulatedDisk()
        let calls = Calls()
        let files = SnapshotRoom(disk, directory: "/s").open { (position) throws(StoreError) in
            calls.note(position, mutationCount: disk.mutationCount)
            if position == 66 { throw StoreError(.latched, "An earlier sync failed: open the store again.") }
        }
        try files.save(.sample(1, at: 5))
        #expect(calls.all == [Calls.Call(position: 5, mutationCount: 0)])
        #expect(SnapshotFilesTests.code { try files.save(.sample(1, at: 66)) } == .latched)
        #expect(try files.latest(of: AggregateID(numbered: 1)) == .sample(1, at: 5))
        // What is left out anyway needs no sync.
        try files.save(.sample(1, at: 4))
        #expect(calls.all.map(\.position) == [5, 66])
    }

    @Test(arguments: DiskUnderTest.allCases)
    func threadsShareTheFiles(kind: DiskUnderTest) async throws {
        let room = try SnapshotRoom(kind)
        let files = room.open(settings: SnapshotFilesTests.small)
        await withTaskGroup(of: Void.self) { group in
            for number in 0 ..< 4 as Range<UInt8> {
                group.addTask {
                    for position in 1 ... 100 as ClosedRange<UInt64> {
                        #expect(throws: Never.self) { try files.save(.sample(number, at: position)) }
                        let found = try? files.latest(of: AggregateID(numbered: number))
                        #expect(found == .sample(number, at: position))
                    }
                }
            }
        }
        for number in 0 ..< 4 as Range<UInt8> {
            #expect(try room.open().latest(of: AggregateID(numbered: number)) == .sample(number, at: 100))
        }
    }
}
