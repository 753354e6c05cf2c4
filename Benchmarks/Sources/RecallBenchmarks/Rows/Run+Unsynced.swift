// The row that appends without a promise about a loss of power, and fills the stores that the later rows read; and
// what those stores then take of the disk.

import Foundation
import RecallBenchmarksKit
import RecallLog

extension Run {
    /// What was written unsynced.
    struct Written {
        var rows: [Row]
        /// Copies of Recall's directory as it was while it was open.
        var copies: [String]
        /// Of all events.
        var sum: PayloadSum
    }

    mutating func measureUnsynced() async throws -> Written {
        var workload = workload
        workload.beginStore()
        var sum = PayloadSum()
        func commits(_ count: Int) -> [[BenchmarkEvent]] {
            let commits = workload.commits(count, eventCount: 1)
            for event in commits.joined() { event.payload.withUnsafeBytes { sum.add($0) } }
            return commits
        }
        let file = isOfLayoutsOnly ? nil : try BareFile(path: mainStore(.bareFile))
        var stores: [(name: StoreName, store: any BenchmarkStore)] = []
        for name in contestants {
            guard let store = try name.open(at: mainStore(name), settings(isDurable: false)) else { continue }
            stores.append((name, store))
        }
        // The first share warms up, with what the rounds leave over. All stores get all events.
        let roundCommitCount = eventCount / (roundCount + 1)
        var current = commits(eventCount - roundCount * roundCommitCount)
        _ = try file?.append(current.map(BareFile.bytes), isSynced: false)
        for (_, store) in stores { _ = try store.append(current, limit: nil) }
        var turns = stores.map { name, store in
            Contest<StoreName>.Contestant(name) { _ in
                let timing = try store.append(current, limit: nil)
                return timing.rate
            }
        }
        if let file {
            turns.append(
                .init(.bareFile) { _ in
                    let timing = try file.append(current.map(BareFile.bytes), isSynced: false)
                    return timing.rate
                })
        }
        let contest = try await Contest(
            roundCount: roundCount, prepare: { _ in current = commits(roundCommitCount) }, turns)
        let copies = isOfLayoutsOnly ? [] : try copiesOfMainStore()
        for (_, store) in stores { try store.close() }
        self.workload = workload
        let row = Row(
            name: "systemBlocking", title: "written, not synced, 1 event a commit", unit: "events/s",
            values: contest.medians, ratios: contest.ratios(of: .recall), roundCount: roundCount)
        let sizes = isOfLayoutsOnly ? [] : try sizes()
        return Written(rows: [row] + sizes, copies: copies, sum: sum)
    }

    /// What the closed stores take of the disk for each event.
    private func sizes() throws -> [Row] {
        let store = try RecallStore(path: mainStore(.recall), isDurable: false, access: .readOnly)
        let inspection = try store.log.inspect()
        try store.close()
        let events = Double(eventCount)
        let headerBytes = 512
        let frameBytes = inspection.segments.reduce(0) { $0 + $1.usedBytes - headerBytes }
        let bareBytes = Double(try UsedBytes.file(mainStore(.bareFile)))
        var whole: [StoreName: Double] = [
            .recall: Double(try UsedBytes.recall(mainStore(.recall), inspection)) / events,
            .bareFile: bareBytes / events,
        ]
        for peer in peers { whole[peer] = Double(try UsedBytes.directory(mainStore(peer))) / events }
        func row(_ name: String, _ title: String, _ values: [StoreName: Double]) -> Row {
            Row(name: name, title: title, unit: "bytes/event", values: values, roundCount: 1)
        }
        var rows = [
            row(
                "bytesFrames", "on disk, frames alone, 1 event a commit",
                [.recall: Double(frameBytes) / events, .bareFile: bareBytes / events]),
            row("bytesDirectory", "on disk, with indexes, closed, nothing that is only reserved", whole),
        ]
        let sealed = inspection.segments.filter(\.isSealed)
        let sealedEventCount = sealed.reduce(0) { $0 + $1.eventCount }
        if sealedEventCount > 0 {
            let bytes = sealed.reduce(0) { $0 + $1.usedBytes }
            rows.append(
                row(
                    "bytesSealed", "on disk, sealed segments alone",
                    [.recall: Double(bytes) / Double(sealedEventCount)]))
        }
        return rows
    }
}
