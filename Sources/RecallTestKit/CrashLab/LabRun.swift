// One seed's store with everything that is known of it: what was acknowledged, what must last, what readers and
// snapshots have shown. Its extensions are the things that happen to a store.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
internal import Recall
internal import RecallLog

/// The lives of one store. Used by one thread.
final class LabRun {
    let seed: UInt64
    let settings: LabSettings
    let sessionCount: Int
    let configuration: LogConfiguration
    let clock: LabClock
    var generator: SeededGenerator
    var workload: RandomWorkload

    var disk: SimulatedDisk
    var log: Log?
    /// A log that reads beside the writer, and how far it has seen.
    var follower: Log?
    var followedPosition = Position.beforeFirst

    /// Everything that was acknowledged, or seen to be stored.
    var model = ReferenceModel()
    /// Commits whose fate is not known, in the order in which they were to be stored.
    var unanswered: [(commit: Commit, time: Timestamp)] = []
    /// Everything up to here survives a loss of power.
    var durablePosition = Position.beforeFirst
    /// What readers have seen that `model` has not: a part of `unanswered`.
    var seenPosition = Position.beforeFirst
    /// Whether a failed sync may have dropped what was acknowledged without one.
    var isCacheDoubtful = false
    var snapshots = LabSnapshots()
    /// Where backups go, and what the last one that succeeded holds.
    var backupDisk: SimulatedDisk
    var backupPosition = Position.beforeFirst
    let backupPath: String
    /// Where commits end in the model.
    var commitEnds: Set<Position> = [.beforeFirst]
    /// Commits that were not answered and are not stored: who sent them will try again.
    var lost: [Commit] = []
    /// Segments as they were at an earlier clean close, by the name of their file.
    var olderSegments: [String: [UInt8]] = [:]
    /// Whether the last session that could be used was closed, and nothing was opened since.
    var isClosedCleanly = false
    /// Of its own, so that a life is otherwise the same whatever is lost of copies of it.
    var lossDice: SeededGenerator
    /// Whether the store is known to exist.
    var hasBeenOpened = false

    /// Whether this session's disk fails or stops at some time.
    var isTroubled = false
    var isLatched = false
    var plannedFaultCount = 0
    /// Whether a failure of a sync is planned.
    var isSyncToFail = false
    /// Whether a call may have failed in the middle of a superblock since the last opening, which writes that again.
    var mayHoldTornSuperblock = false
    var statistics = CrashLabStatistics()
    var steps: [String] = []
    private let isTracing: Bool
    private var trace: [String] = []

    init(seed: UInt64, sabotages: Sabotages, isTracing: Bool) {
        self.seed = seed
        self.isTracing = isTracing
        var generator = SeededGenerator(seed: seed)
        clock = LabClock(seed: seed ^ 0xC10C)
        lossDice = SeededGenerator(seed: seed ^ 0x1055)
        settings = LabSettings(using: &generator, layout: seed ^ 0x0F11E)
        sessionCount = Int.random(in: 3 ... 6, using: &generator)
        workload = RandomWorkload(seed: generator.next(), payloadBytesMax: 3_000)
        let random = LabRandomBits(seed: generator.next())
        configuration = settings.configuration(clock, random, sabotages)
        var options = SimulatedDisk.Options()
        // Each file takes so much address space, and the largest is a segment, or the store.
        options.fileSizeMax = settings.isSingleFile ? 16 << 20 : 1 << 20
        options.staleBytes = settings.staleBytes.bytes(configuration, using: &generator)
        disk = SimulatedDisk(options: options)
        options.fileSizeMax = 16 << 20
        backupDisk = SimulatedDisk(options: options)
        // Of the same layout or the other one.
        backupPath = seed % 3 == 0 ? "/backup.recall" : "/backup"
        self.generator = generator
        statistics.seedCount = 1
    }

    // MARK: Dice

    func chance(_ percent: Int) -> Bool { number(in: 0 ..< 100) < percent }

    func number(in range: Range<Int>) -> Int { Int.random(in: range, using: &generator) }

    func element<Element>(of list: [Element]) -> Element { list[number(in: 0 ..< list.count)] }

    // MARK: What happened

    func note(_ step: @autoclosure () -> String) { steps.append(step()) }

    /// The last calls to the present disk.
    var lastOperations: [String] { disk.trace.suffix(60).map(\.description) }

    var fullTrace: [String] { isTracing ? trace + steps : [] }

    /// Goes on with another disk, which a crash or the end of a process leaves.
    func replaceDisk(with other: SimulatedDisk) {
        if isTracing { trace += disk.trace.map(\.description) }
        disk = other
    }

    /// The open log.
    func opened() throws(StoreError) -> Log {
        guard let log else { throw StoreError(.closed, "The lab has no open log.") }
        return log
    }
}

extension LabSettings.StaleBytes {
    func bytes(_ configuration: LogConfiguration, using generator: inout SeededGenerator) -> [UInt8] {
        switch self {
        case .none: return []
        case .noise: return (0 ..< 4096).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        case .frames:
            // Of a store that lived in this space before: its positions and epochs are those that come again.
            let disk = SimulatedDisk()
            guard
                let log = try? Log.openBlocking(at: "/store", configuration: configuration, disk: disk)
            else { return [] }
            for index in 0 ..< 24 {
                let event = NewEvent(
                    id: EventID(using: &generator), aggregateID: AggregateID(number: UInt64(100 + index % 4)),
                    aggregateType: "Company", type: "Stale",
                    payload: Data())
                _ = try? log.appendBlocking(Commit(events: [event]))
            }
            return disk.contents(of: "/store/segments/0000000001.segment") ?? []
        }
    }
}
