// When snapshot files are compacted, and what becomes of a compaction that cannot be done: it is put off, and saving goes on.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct SnapshotCompactionTests {
    private static func settings() -> SnapshotSettings {
        var settings = SnapshotSettings()
        settings.deadBytesMin = 20_000
        return settings
    }

    /// A full disk made each save copy all snapshots anew, since what failed was due at the next save, too.
    @Test func failedCompactionIsPutOffUntilThatMuchMoreIsDead() throws {
        let disk = SimulatedDisk()
        let files = SnapshotRoom(disk, directory: "/snapshots").open(settings: Self.settings())
        for number in 1 ... 2 {
            disk.plan(SimulatedFault(.create, occurrence: number, pathPart: ".new", number: 28))
        }
        func save(_ position: UInt64) throws {
            try files.save(.sample(1, at: position, payloadSize: 10_000))
            #expect(try files.latest(of: AggregateID(numbered: 1))?.position == Position(position))
        }
        func attemptCount() -> Int { disk.trace.count { $0.kind == .create && $0.path.hasSuffix(".new") } }

        // Each save leaves 10,000 dead bytes, and 20,000 are reason enough.
        for position in 1 ... 3 as ClosedRange<UInt64> { try save(position) }
        #expect(attemptCount() == 1)
        try save(4)
        #expect(attemptCount() == 1)
        try save(5)
        #expect(attemptCount() == 2)
        try save(6)
        #expect(attemptCount() == 2)
        // Now there is room, and what was put off is forgotten.
        try save(7)
        #expect(attemptCount() == 3)
        #expect(try files.statistics().totalBytes == files.statistics().liveBytes)
        for position in 8 ... 9 as ClosedRange<UInt64> { try save(position) }
        #expect(attemptCount() == 4)
        #expect(try files.statistics().totalBytes == files.statistics().liveBytes)
    }

    /// As long as more is alive than dead, copying costs more than it gives.
    @Test func whatIsMostlyAliveIsLeftAlone() throws {
        let disk = SimulatedDisk()
        let files = SnapshotRoom(disk, directory: "/snapshots").open(settings: Self.settings())
        for number in 1 ... 5 as ClosedRange<UInt8> {
            try files.save(.sample(number, at: 1, payloadSize: 10_000))
        }
        for position in 2 ... 5 as ClosedRange<UInt64> {
            try files.save(.sample(1, at: position, payloadSize: 10_000))
        }
        #expect(try files.statistics().totalBytes > files.statistics().liveBytes + 39_000)
        // Compacted once by one of these, since then there is more dead than alive.
        for position in 6 ... 7 as ClosedRange<UInt64> {
            try files.save(.sample(1, at: position, payloadSize: 10_000))
        }
        #expect(try files.statistics().totalBytes < 75_000)
    }
}
