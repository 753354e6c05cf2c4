// Short lives that are always the same, tried with many crashes: what random lives come upon too seldom to rely on,
// because several things must come together. Each throws as the random lives do.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
internal import Recall
package import RecallLog

extension CrashLab {
    /// Lives that are always the same.
    package enum FixedLife: String, CaseIterable, Sendable {
        /// Of a group that a crash tore, the first commit is lost and others are whole. It is sent again and takes the very
        /// bytes that it had; then the process dies. What stands behind it must stay lost.
        case commitIsRepeatedBeforeOthersThatWereTorn
        /// The power fails after a snapshot of several sectors was saved.
        case snapshotIsTorn
        /// Files of a single file are made, replaced and deleted; then the power fails. Unlike the others, it is another life with each
        /// crash.
        case filesOfASingleFileChange
        /// The store is moved, replaced, deleted or cut short while it is open; another life with each seed.
        case placeIsDisturbed
        /// A process dies that had not synced, bytes of what it left rot, and the next one goes on. Then the power fails.
        case tailRots
    }

    /// Lives a fixed life once for each of so many crashes.
    /// - Returns: how many were tried; the last of them broke a promise where `violation` says which.
    package static func run(
        _ life: FixedLife, sabotages: Sabotages = Sabotages(), crashCount: UInt64 = 256
    ) -> (crashCount: UInt64, violation: String?) {
        for seed in 0 ..< crashCount {
            do {
                switch life {
                case .commitIsRepeatedBeforeOthersThatWereTorn: try repeatTorn(seed, sabotages)
                case .snapshotIsTorn: try tearSnapshot(seed, sabotages)
                case .filesOfASingleFileChange: try changeNames(seed, sabotages)
                case .placeIsDisturbed: try disturb(seed, sabotages)
                case .tailRots: try rotTail(seed, sabotages)
                }
            } catch {
                return (seed + 1, "\(error)")
            }
        }
        return (crashCount, nil)
    }

    static func configuration(_ sabotages: Sabotages) -> LogConfiguration {
        var configuration = LogConfiguration()
        configuration.segmentBytesMax = 64 << 10
        configuration.firstSegmentBytes = 64 << 10
        configuration.writeAheadBytes = 0
        configuration.hasOwnThreads = false
        configuration.sabotages = sabotages
        configuration.snapshotSettings.sabotages = sabotages
        configuration.clock = .fixed(at: Timestamp(microsecondsSince1970: 1_764_000_000_000_000))
        return configuration
    }

    private static func open(
        _ disk: SimulatedDisk, _ configuration: LogConfiguration
    ) throws(StoreError) -> Log {
        try Log.openBlocking(at: "/store", configuration: configuration, disk: disk)
    }

    private static func noise(_ number: UInt64, count: Int) -> Data {
        var generator = SeededGenerator(seed: number)
        return Data((0 ..< count).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    static func commit(_ number: UInt64) -> Commit {
        let event = NewEvent(
            id: EventID(number: number), aggregateID: AggregateID(number: 1_000 + number),
            aggregateType: "Thing", type: "Happened", payload: noise(number, count: 1_200))
        return Commit(events: [event])
    }

    private static func repeatTorn(_ seed: UInt64, _ sabotages: Sabotages) throws {
        let configuration = configuration(sabotages)
        let disk = SimulatedDisk()
        let first = try open(disk, configuration)
        _ = try first.appendBlocking(commit(1))
        // The power fails between the write of the group and its sync.
        disk.stop(afterMutation: disk.mutationCount + 1)
        _ = try first.appendTogetherBlocking((2 ... 5).map(commit))
        let found = disk.crash(seed: seed)
        var second: Log? = try open(found, configuration)
        guard try second?.lastPositionBlocking() == 1 else { return }
        _ = try second?.appendBlocking(commit(2))
        second = nil
        let third = try open(found.kill(), configuration)
        try expectEqual(
            try third.readToEndBlocking(EventQuery()).map(\.id), [EventID(number: 1), EventID(number: 2)],
            "The events after crash \(seed)")
    }

    private static func tearSnapshot(_ seed: UInt64, _ sabotages: Sabotages) throws {
        let configuration = configuration(sabotages)
        let disk = SimulatedDisk()
        let log = try open(disk, configuration)
        _ = try log.appendBlocking(commit(1))
        let snapshot = Snapshot(
            aggregateID: AggregateID(number: 1_001), aggregateType: "Thing", version: 1, position: 1,
            schemaFingerprint: 0, time: configuration.clock.now(), payload: noise(seed, count: 2_000))
        try log.snapshotFiles.save(snapshot)
        let again = try open(disk.crash(seed: seed), configuration)
        if let loaded = try again.snapshotFiles.latest(of: snapshot.aggregateID) {
            try expectEqual(loaded, snapshot, "The snapshot after crash \(seed)")
        }
    }
}
