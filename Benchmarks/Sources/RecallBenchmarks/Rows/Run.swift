// What all measurements share: where they work, how long, and on which events.

import Foundation
import RecallBenchmarksKit
import RecallLog

/// One run of all measurements.
struct Run {
    /// Where the files lie; removed by whoever made it.
    let directory: String
    /// How many events are written unsynced, and then read.
    let eventCount: Int
    /// How long a row that appends durably is measured, all stores together.
    let seconds: Double
    /// How many rounds.
    let roundCount: Int
    /// Who takes part beside Recall and the bare file.
    let peers: [StoreName]
    /// Whether only Recall's two layouts are measured, in the rows that have both.
    let isOfLayoutsOnly: Bool
    /// Whether the peers index event ids.
    let hasUniqueEventIDs: Bool
    var workload: Workload
    var latencies: [Latency] = []

    /// Who takes part, those that are compared most closely next to each other.
    var contestants: [StoreName] { StoreName.layouts + (isOfLayoutsOnly ? [] : [.bareFile] + peers) }

    /// Measures everything but what `LargeRun` does.
    /// - Parameter report: is called with each row once it is measured.
    mutating func run(_ report: (Row) -> Void) async throws -> [Row] {
        var rows: [Row] = []
        func add(_ measured: [Row]) {
            for row in measured {
                var row = row
                row.targets = Target.all(of: row)
                report(row)
                rows.append(row)
            }
        }
        for kind in DurableRow.allCases where !isOfLayoutsOnly || kind != .durableAsync {
            add([try await measure(kind)])
        }
        let written = try await measureUnsynced()
        add(written.rows)
        add([try await replay(expecting: written.sum)])
        if !isOfLayoutsOnly { add([try replayInPages(expecting: written.sum)]) }
        add([try await load()])
        add([try await openAfterClose()])
        if isOfLayoutsOnly { return rows }
        add([try openAfterCrash(written.copies)])
        add(
            try await LibraryRows(directory: directory, seconds: seconds, roundCount: roundCount).measure(
                workload))
        return rows
    }

    /// Where a store of the rows that read lies.
    func mainStore(_ name: StoreName) -> String { "\(directory)/main-\(name.rawValue)\(name.pathSuffix)" }

    func settings(isDurable: Bool) -> StoreSettings {
        StoreSettings(isDurable: isDurable, hasUniqueEventIDs: hasUniqueEventIDs)
    }

    /// What a row says that Recall takes part in alone: the median of rounds that `body` counts and times.
    func row(
        _ name: String, _ title: String, unit: String, roundCount: Int? = nil, _ body: (Int) throws -> Double
    ) rethrows -> Row {
        let count = roundCount ?? self.roundCount
        let values = try (0 ..< count).map(body)
        return Row(name: name, title: title, unit: unit, values: [.recall: values.median], roundCount: count)
    }
}
