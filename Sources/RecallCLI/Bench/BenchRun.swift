// The measurements of `recall bench`. Rows that write take turns with the bare file in short slices, because
// a disk's speed drifts within seconds and only what ran side by side can be compared.

import Recall
import RecallLog

/// One run of all measurements.
struct BenchRun {
    /// Where the files lie.
    let directory: String
    /// How many events are written unsynced, one a commit, and then replayed.
    let eventCount: Int
    let progress: ProgressBar
    /// How long each durable row is measured at most, beside as long for the bare file; it ends
    /// earlier when it has written as many events as the other rows do.
    var duration: Duration = .seconds(2)
    private let sliceCount = 4
    private let callerCount = 64
    private var workload: BenchWorkload

    init(directory: String, eventCount: Int, seed: UInt64, progress: ProgressBar) {
        self.directory = directory
        self.eventCount = eventCount
        self.progress = progress
        workload = BenchWorkload(seed: seed)
    }

    /// Measures everything.
    mutating func run() throws -> [BenchRow] {
        var rows: [BenchRow] = []
        let single = try durable(name: "durableOneCaller", title: "durable, 1 event a commit, 1 caller", 1)
        rows.append(single)
        rows.append(try durableManyCallers(rawPerSecond: single.rawPerSecond))
        rows.append(try durable(name: "durableBatch", title: "durable, 100 events a commit, 1 caller", 100))
        rows.append(try unsynced())
        rows.append(try replay())
        rows.append(try load())
        return rows
    }

    private func open(_ name: String, _ durability: Durability) throws -> Log {
        var configuration = LogConfiguration()
        configuration.durability = durability
        return try Log.openBlocking(
            at: "\(directory)/\(name)", access: .createOrOpen, configuration: configuration)
    }

    // MARK: Appending

    private mutating func durable(name: String, title: String, _ eventsPerCommit: Int) throws -> BenchRow {
        let log = try open(name, .commit)
        let file = try BareFile(path: "\(directory)/\(name).raw")
        var logClock = BenchClock()
        var fileClock = BenchClock()
        var commitCount = 0
        var rawCount = 0
        for slice in 1 ... sliceCount {
            let end = duration * slice / sliceCount
            let commitCountMax = max(1, eventCount / eventsPerCommit * slice / sliceCount)
            while logClock.elapsed < end, commitCount < commitCountMax {
                let commits = (0 ..< 64).map { _ in workload.commit(eventCount: eventsPerCommit) }
                try logClock.measure { for commit in commits { _ = try log.appendBlocking(commit) } }
                commitCount += commits.count
            }
            let bytes = frameBytes(try log.inspect())
            try bytes.withUnsafeBytes { bytes in
                while fileClock.elapsed < end, rawCount < commitCountMax {
                    try fileClock.measure { for _ in 0 ..< 64 { try file.append(bytes, isSynced: true) } }
                    rawCount += 64
                }
            }
        }
        let bytesPerEvent = try log.inspect().bytesPerEvent
        try log.closeBlocking()
        return BenchRow(
            name: name, title: title, perSecond: logClock.rate(commitCount * eventsPerCommit),
            rawPerSecond: fileClock.rate(rawCount * eventsPerCommit), bytesPerEvent: bytesPerEvent)
    }

    private mutating func durableManyCallers(rawPerSecond: Double?) throws -> BenchRow {
        let name = "durableManyCallers"
        let log = try open(name, .commit)
        var clock = BenchClock()
        var count = 0
        while clock.elapsed < duration, count < eventCount {
            let shares = (0 ..< callerCount).map { _ in
                (0 ..< 128).map { _ in workload.commit(eventCount: 1) }
            }
            try clock.measure {
                try AsyncWork.run {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for share in shares {
                            group.addTask { for commit in share { _ = try await log.append(commit) } }
                        }
                        try await group.waitForAll()
                    }
                }
            }
            count += shares.count * 128
        }
        let bytesPerEvent = try log.inspect().bytesPerEvent
        try log.closeBlocking()
        return BenchRow(
            name: name, title: "durable, 1 event a commit, \(callerCount) callers",
            perSecond: clock.rate(count),
            rawPerSecond: rawPerSecond, bytesPerEvent: bytesPerEvent)
    }

    /// Writes the events that are replayed later. Takes turns with the bare file, too: how much of the
    /// processor other programs leave drifts like a disk.
    private mutating func unsynced() throws -> BenchRow {
        let log = try open("system", .system)
        let file = try BareFile(path: "\(directory)/system.raw")
        var logClock = BenchClock()
        var fileClock = BenchClock()
        var frame: [UInt8] = []
        var rest = eventCount
        while rest > 0 {
            let commits = (0 ..< min(rest, 4096)).map { _ in workload.commit(eventCount: 1) }
            try logClock.measure { for commit in commits { _ = try log.appendBlocking(commit) } }
            // Once is enough: events of one size make frames of one size.
            if frame.isEmpty { frame = frameBytes(try log.inspect()) }
            try frame.withUnsafeBytes { bytes in
                try fileClock.measure { for _ in commits { try file.append(bytes, isSynced: false) } }
            }
            rest -= commits.count
            progress.update(UInt64(eventCount - rest), of: UInt64(eventCount))
        }
        let bytesPerEvent = try log.inspect().bytesPerEvent
        try log.closeBlocking()
        return BenchRow(
            name: "systemOneCaller", title: "written, not synced, 1 event a commit",
            perSecond: logClock.rate(eventCount), rawPerSecond: fileClock.rate(eventCount),
            bytesPerEvent: bytesPerEvent)
    }

    /// Bytes as many as one commit takes in the log; what they are makes no difference to a bare file.
    private func frameBytes(_ inspection: LogInspection) -> [UInt8] {
        let count = Double(inspection.usedBytes) / Double(max(inspection.commitCount, 1))
        return [UInt8](repeating: 0x5A, count: max(1, Int(count.rounded())))
    }

    // MARK: Reading

    private func openForReading() throws -> Log {
        try Log.openBlocking(at: "\(directory)/system", access: .readOnly)
    }

    private func replay() throws -> BenchRow {
        let log = try openForReading()
        let passCount = 3
        var rates: [Double] = []
        for _ in 0 ..< passCount {
            var clock = BenchClock()
            var count = 0
            var payloadBytes = 0
            try clock.measure {
                try log.replayBlocking(EventQuery()) { (fields, _) throws(StoreError) in
                    count += 1
                    payloadBytes &+= fields.payload.count
                    return true
                }
            }
            guard count == eventCount else {
                throw CommandFailure(
                    .damaged,
                    "Replay found \(count) of the \(eventCount) events that were written; run 'recall verify' on a store of your own, and report this."
                )
            }
            rates.append(clock.rate(count))
        }
        try log.closeBlocking()
        return BenchRow(
            name: "replay", title: "full replay, checksums verified", perSecond: rates.sorted()[passCount / 2]
        )
    }

    private mutating func load() throws -> BenchRow {
        let log = try openForReading()
        let aggregates = (0 ..< 20_000).map { _ in workload.aggregate() }
        var clock = BenchClock()
        var count = 0
        for aggregate in aggregates where clock.elapsed < duration {
            try clock.measure {
                var next: EventQuery? = EventQuery(.aggregate(aggregate))
                while let query = next { next = try log.readBlocking(query).next }
            }
            count += 1
        }
        try log.closeBlocking()
        let perLoad = Figure.grouped(eventCount / BenchWorkload.aggregateCount)
        return BenchRow(
            name: "load", title: "load one aggregate (about \(perLoad) events)", unit: "loads",
            perSecond: clock.rate(count))
    }
}
