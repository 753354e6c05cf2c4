// Ten times the events and a hundred times the aggregates, in a process that does nothing else, so that memory can be
// told: what a process has for itself is what Linux calls RssAnon, and that of the workload is taken off.

import Foundation
import Recall
import RecallBenchmarksKit
import RecallLog

/// Fills one large store, and reads it.
struct LargeRun {
    let directory: String
    let eventCount: Int
    let aggregateCount: Int
    let seed: UInt64

    /// Small, so that the workload itself takes little memory.
    private static let chunkEventCount = 10_000
    private static let windowEventCount = 100_000
    private static let edgeWindowCount = 3

    func run() throws -> LargeResult {
        let path = "\(directory)/large"
        var workload = Workload(seed: seed, aggregateCount: aggregateCount)
        // What the workload takes is there before the log is.
        var commits = workload.commits(Self.chunkEventCount, eventCount: 1)
        _ = commits.map(\.commit)
        let own = try OwnMemory()
        var store = try RecallStore(path: path, isDurable: false)
        var rates: [Double] = []
        var memoryMax = 0
        var windowTime = Duration.zero
        var windowCount = 0
        for index in 0 ..< eventCount / Self.chunkEventCount {
            if index > 0 { commits = workload.commits(Self.chunkEventCount, eventCount: 1) }
            windowTime += try store.append(commits, limit: nil).duration
            windowCount += commits.count
            guard windowCount >= Self.windowEventCount else { continue }
            rates.append(Double(windowCount) / windowTime.seconds)
            memoryMax = max(memoryMax, try own.bytes())
            windowTime = .zero
            windowCount = 0
        }
        try store.close()

        var opens: [Double] = []
        for _ in 0 ..< 5 {
            let start = ContinuousClock.now
            store = try RecallStore(path: path, isDurable: false)
            opens.append(start.duration(to: .now).seconds * 1000)
            try store.close()
        }
        store = try RecallStore(path: path, isDurable: false, access: .readOnly)
        let loads = try loads(store, &workload)
        var readMemoryMax = try own.bytes()
        let start = ContinuousClock.now
        let sum = try store.replay()
        let replayTime = start.duration(to: .now)
        readMemoryMax = max(readMemoryMax, try own.bytes())
        guard sum.count == rates.count * Self.windowEventCount + windowCount else {
            throw WrongResult("The large store gave back \(sum.count) events, not those that were appended.")
        }
        // Last, since counting aggregates takes memory for each of them.
        let used = try UsedBytes.recall(path, try store.log.inspect())
        try store.close()
        return result(
            rates: rates, appendMemory: memoryMax, readMemory: readMemoryMax, open: opens.median,
            loads: loads,
            replay: Double(sum.count) / replayTime.seconds, bytesPerEvent: Double(used) / Double(sum.count))
    }

    private func loads(_ store: RecallStore, _ workload: inout Workload) throws -> Double {
        let loadCount = 2_000
        var rates: [Double] = []
        for _ in 0 ..< 6 {
            let ids = (0 ..< loadCount).map { _ in workload.aggregate() }
            let start = ContinuousClock.now
            for id in ids { _ = try store.load(id) }
            rates.append(Double(loadCount) / start.duration(to: .now).seconds)
        }
        return rates.dropFirst().median
    }

    private func result(
        rates: [Double], appendMemory: Int, readMemory: Int, open: Double, loads: Double, replay: Double,
        bytesPerEvent: Double
    ) -> LargeResult {
        // The first window also makes the first files and warms up.
        let first = rates.dropFirst().prefix(Self.edgeWindowCount).median
        let last = rates.suffix(Self.edgeWindowCount).median
        var result = LargeResult(
            eventCount: eventCount, aggregateCount: aggregateCount, windowEventCount: Self.windowEventCount,
            windowRates: rates, firstRate: first, lastRate: last, appendMemoryBytesMax: appendMemory,
            readMemoryBytesMax: readMemory, openMilliseconds: open, loadsPerSecond: loads,
            replayedEventsPerSecond: replay, bytesPerEvent: bytesPerEvent)
        let mebibytes = Double(max(appendMemory, readMemory)) / Double(1 << 20)
        result.targets = [
            .atLeast(first > 0 ? last / first : 0, 0.9, "last windows ≥ 0.9 × first"),
            .atMost(open, 10, "open ≤ 10 ms"),
            .atMost(mebibytes, 64, "own memory ≤ 64 MiB"),
        ]
        return result
    }
}
