// A clean close keeps the snapshots of the session.
//
// The story of the bug: in a single file the table of contents states how large each part is, and is written when something is
// synced. A snapshot is not, so a store that was closed before its next segment began had lost all snapshots of the
// session when it was opened again, although nothing had crashed.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct SnapshotCloseTests {
    private func snapshot(of aggregate: AggregateID, at position: UInt64) -> Snapshot {
        Snapshot(
            aggregateID: aggregate, aggregateType: "Tale", version: Version(position),
            position: Position(position),
            schemaFingerprint: 7, time: Timestamp(microsecondsSince1970: 1), payload: Data("state".utf8))
    }

    @Test(arguments: Bench.Kind.allCases)
    func snapshotsAreThereAfterACleanClose(kind: Bench.Kind) throws {
        let bench = try Bench(kind, segmentBytesMax: 1 << 20)
        defer { bench.remove() }
        let kept = snapshot(of: Story.aggregate(1), at: 1)
        for durability in [Durability.commit, .system] {
            let log = try bench.open { $0.durability = durability }
            _ = try log.appendBlocking(
                Commit(events: [Story.event(durability == .commit ? 1 : 2, of: 1)]))
            try log.snapshotFiles.save(kept)
            try log.closeBlocking()
            let reopened = try bench.open()
            #expect(try reopened.snapshotFiles.latest(of: kept.aggregateID) == kept, "\(durability)")
            try reopened.snapshotFiles.remove(kept.aggregateID)
            try reopened.closeBlocking()
        }
    }

    @Test(arguments: [Bench.Kind.simulated, .simulatedFile])
    func snapshotsThatACloseKeptAreThereAfterALossOfPower(kind: Bench.Kind) throws {
        let bench = try Bench(kind, segmentBytesMax: 1 << 20)
        let disk = try #require(bench.disk as? SimulatedDisk)
        let kept = snapshot(of: Story.aggregate(1), at: 1)
        // The second session's snapshots lie in a directory whose name the first has made durable.
        for number in 1 ... 2 {
            let log = try bench.open()
            _ = try log.appendBlocking(Commit(events: [Story.event(number, of: number)]))
            try log.snapshotFiles.save(number == 1 ? snapshot(of: Story.aggregate(2), at: 1) : kept)
            try log.closeBlocking()
        }
        let reopened = try Log.openBlocking(
            at: bench.path, configuration: bench.configuration, disk: disk.crashLosingEverythingUnsynced())
        #expect(try reopened.snapshotFiles.latest(of: kept.aggregateID) == kept)
        try reopened.closeBlocking()
    }

    /// A close must not fail, nor leave the store locked, because a cache cannot be synced.
    @Test func closeWhoseSyncOfSnapshotsFailsIsAClose() throws {
        let bench = try Bench(.simulated, segmentBytesMax: 1 << 20)
        let disk = try #require(bench.disk as? SimulatedDisk)
        let log = try bench.open()
        _ = try log.appendBlocking(Commit(events: [Story.event(1, of: 1)]))
        try log.snapshotFiles.save(snapshot(of: Story.aggregate(1), at: 1))
        disk.plan(SimulatedFault(.sync, pathPart: ".snapshots", number: EIO))
        try log.closeBlocking()
        #expect(disk.transcript().contains(".snapshots"))
        let reopened = try bench.open()
        #expect(try reopened.readBlocking(EventQuery()).events.count == 1)
        try reopened.closeBlocking()
    }
}
