// The small life of a store that the crash tests live again and again, and what was tried and acknowledged at each call
// to the disk.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Synchronization
import Testing

/// Two sessions of commits, snapshots, repetitions and conflicts, over several segments.
struct CrashLife: Sendable {
    /// The ways in which bytes get to the disk.
    enum Writing: String, CaseIterable, Sendable {
        /// By writes, as they are.
        case plain
        /// By writes over zeros that were written ahead, compressed, later segments with a dictionary.
        case compressed
        /// As that, and each sealed segment is rewritten, whether it gains or not.
        case rewritten
        /// As compressed, on a disk that is short now and then.
        case short
        /// As plain, on a disk whose preallocated space holds frames of an earlier use of the same file.
        case stale
        /// As plain, in a single file.
        case inOneFile
        /// As rewritten, in a single file, whose freed extents are used again.
        case rewrittenInOneFile
        /// As in one file, on a disk whose preallocated space holds what it had before.
        case staleInOneFile

        var isSingleFile: Bool { [.inOneFile, .rewrittenInOneFile, .staleInOneFile].contains(self) }
        var isStale: Bool { self == .stale || self == .staleInOneFile }
        var isRewriting: Bool { self == .rewritten || self == .rewrittenInOneFile }
        var isCompressing: Bool { [.compressed, .rewritten, .short, .rewrittenInOneFile].contains(self) }
        var path: String { isSingleFile ? "/store.recall" : "/store" }
    }

    /// When a commit was tried and acknowledged, in mutations of the disk.
    struct Mark: Sendable {
        var attemptedAt: Int
        var acknowledgedAt: Int?
    }

    let writing: Writing
    var configuration = LogConfiguration()
    var options = SimulatedDisk.Options()

    private(set) var history = CommitHistory()
    private(set) var marks: [Mark] = []

    static let aggregateCount = 3
    private static let stepCount = 6

    init(_ writing: Writing) {
        self.writing = writing
        configuration.segmentBytesMax = 64 << 10
        configuration.isCompressing = writing.isCompressing
        configuration.isRewriting = writing.isRewriting
        configuration.rewriteGainMin = -100
        configuration.writeAheadBytes = configuration.isCompressing ? 4096 : 0
        configuration.readerThreadCount = 1
        // One order of calls: the index of a sealed segment is written before the append that sealed it goes on.
        configuration.housekeepingThreadCount = 0
        configuration.checkpointFrameCountMin = 4
        configuration.randomBits = { 0x5EED }
        options.fileSizeMax = writing.isSingleFile ? 16 << 20 : 1 << 20
        if writing == .short { options.transferSeed = 7 }
        if writing.isStale { options.staleBytes = Self.staleBytes }
    }

    /// A segment of a store that lived before, whose salt was another.
    private static let staleBytes: [UInt8] = {
        var earlier = CrashLife(.plain)
        earlier.configuration.randomBits = { 0x0DD }
        let disk = SimulatedDisk(options: earlier.options)
        earlier.live(on: disk)
        return disk.contents(of: "/store/segments/0000000001.segment") ?? []
    }()

    func open(_ disk: SimulatedDisk) throws(StoreError) -> Log {
        try Log.openBlocking(at: writing.path, configuration: configuration, disk: disk)
    }

    var checker: StoreChecker {
        var checker = StoreChecker(path: writing.path, configuration: configuration)
        checker.inspection = { (log, events) throws(ConformanceFailure) in
            try Self.checkSnapshots(log, events)
        }
        return checker
    }

    // MARK: Living

    /// Lives until all is done or a call fails.
    mutating func live(on disk: SimulatedDisk) {
        try? live(on: disk, repair: nil)
    }

    /// Lives on after each failure, in a store that is opened again on the same disk, whose cache is as the failure left it.
    /// - Parameter repair: is called before each such opening.
    mutating func surviveFailures(on disk: SimulatedDisk, repair: @escaping () -> Void) throws {
        try live(on: disk, repair: repair)
    }

    private mutating func live(on disk: SimulatedDisk, repair: (() -> Void)?) throws {
        var next = 1
        for session in 0 ..< 2 {
            var log = try open(disk, repair)
            for step in 0 ..< Self.stepCount {
                let count = step % 4 == 3 ? 5 : 1
                let numbers = next ..< next + count
                next += count
                let commit = Commit(
                    events: numbers.map {
                        Story.event($0, of: $0 % Self.aggregateCount, noise: step % 4 == 2 ? 30_000 : 900)
                    })
                history.attempt(commit)
                marks.append(Mark(attemptedAt: disk.mutationCount))
                do {
                    _ = try log.appendBlocking(commit)
                } catch {
                    guard let repair else { throw error }
                    try checkLatch(log, disk)
                    try? log.closeBlocking()
                    repair()
                    log = try open(disk, repair)
                    _ = try log.appendBlocking(commit)
                }
                history.acknowledge()
                marks[marks.count - 1].acknowledgedAt = disk.mutationCount
                // A repetition and a conflict write nothing.
                let writtenAt = disk.mutationCount
                _ = try? log.appendBlocking(commit)
                _ = try? log.appendBlocking(
                    Commit([Story.event(9000 + next, of: 0)], to: Story.aggregate(0), expecting: .exact(999)))
                #expect(disk.mutationCount == writtenAt)
                if step % 3 == 1 { try? saveSnapshot(of: next % Self.aggregateCount, log) }
            }
            do { if session == 0 { try log.closeBlocking() } } catch { if repair == nil { throw error } }
        }
    }

    private func open(_ disk: SimulatedDisk, _ repair: (() -> Void)?) throws(StoreError) -> Log {
        do throws(StoreError) { return try open(disk) } catch {
            guard let repair else { throw error }
            repair()
        }
        return try open(disk)
    }

    /// After a write or sync of a segment that failed, the store takes nothing more.
    private func checkLatch(_ log: Log, _ disk: SimulatedDisk) throws {
        let failed = disk.trace.last { $0.errorNumber != 0 }
        guard let failed, failed.path.contains(".segment"), [.write, .sync].contains(failed.kind) else {
            return
        }
        let error = #expect(throws: StoreError.self) {
            try log.appendBlocking(Story.commit(8000 ... 8000, of: 0))
        }
        #expect(error?.code == .latched)
    }

    /// Saves a snapshot that names the last event in it.
    func saveSnapshot(of aggregate: Int, _ log: Log) throws {
        let events = try log.readBlocking(EventQuery(.aggregate(Story.aggregate(aggregate)))).events
        guard let last = events.last else { return }
        try log.snapshotFiles.save(
            Snapshot(
                aggregateID: last.aggregateID, aggregateType: last.aggregateType, version: last.version,
                position: last.position, schemaFingerprint: 1, time: last.time,
                payload: Data(last.id.description.utf8)))
    }

    /// A snapshot is of events that are there: not of others that had their positions before a crash.
    private static func checkSnapshots(_ log: Log, _ events: [RecordedEvent]) throws(ConformanceFailure) {
        for number in 0 ..< aggregateCount {
            let found: Snapshot?
            do throws(StoreError) {
                found = try log.snapshotFiles.latest(of: Story.aggregate(number))
            } catch {
                throw ConformanceFailure("The snapshot of aggregate \(number) cannot be asked for: \(error)")
            }
            guard let found else { continue }
            let last = events.last { $0.aggregateID == found.aggregateID && $0.position <= found.position }
            guard let last, last.version == found.version, last.position == found.position,
                found.payload == Data(last.id.description.utf8)
            else {
                throw ConformanceFailure(
                    "The snapshot of aggregate \(number) holds version \(found.version) at position \(found.position), which the events do not have: \(events.count) are there."
                )
            }
        }
    }

    // MARK: What was done when

    /// What had been tried and acknowledged after so many mutations.
    func history(after mutationCount: Int) -> CommitHistory {
        var result = CommitHistory()
        for (entry, mark) in zip(history.entries, marks) where mark.attemptedAt < mutationCount {
            result.attempt(entry.commit)
            if let at = mark.acknowledgedAt, at <= mutationCount { result.acknowledge() }
        }
        return result
    }
}

/// Gathers which cases recovery meets.
final class RecoveryCaseRecorder: Sendable {
    private let found = Mutex<Set<RecoveryCase>>([])

    var cases: Set<RecoveryCase> { found.withLock { $0 } }

    func observe(_ configuration: inout LogConfiguration) {
        configuration.recoveryObserver = { [self] found in _ = self.found.withLock { $0.insert(found) } }
    }
}
