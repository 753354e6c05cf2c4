// What all measurements share: where they work, how long, and on which events.

import Foundation
import Recall
import RecallLog

/// One run of all measurements.
struct Run {
    /// Where the files lie; removed by whoever made it.
    let directory: String
    /// How many events are written unsynced, and then read.
    let eventCount: Int
    /// How long a row that appends is measured, log and bare file together.
    let seconds: Double
    /// How many rounds, or pairs of rounds.
    let roundCount: Int
    var workload: Workload

    /// The store that the rows that read read.
    var mainStore: String { directory + "/system" }

    /// Measures everything.
    /// - Parameter report: is called with each row once it is measured.
    mutating func run(_ report: (Row) -> Void) async throws -> [Row] {
        var rows: [Row] = []
        func add(_ row: Row) {
            report(row)
            rows.append(row)
        }
        for append in AppendKind.allCases { add(try await measure(append)) }
        let (unsynced, copies) = try await measureUnsynced()
        add(unsynced)
        add(try replayBorrowed())
        add(try replayPaged())
        add(try load())
        add(try openAfterClose())
        add(try openAfterCrash(copies))
        return rows
    }

    func open(_ path: String, _ access: LogAccess = .createOrOpen, _ durability: Durability = .system)
        throws -> Log
    {
        var configuration = LogConfiguration()
        configuration.durability = durability
        return try Log.openBlocking(at: path, access: access, configuration: configuration)
    }

    /// Bytes of frames for each commit and event.
    func size(of log: Log) throws -> (perCommit: Double, perEvent: Double) {
        let inspection = try log.inspect()
        let used = Double(inspection.segments.reduce(0) { $0 + $1.usedBytes - 512 })
        return (used / Double(max(inspection.commitCount, 1)), used / Double(max(inspection.eventCount, 1)))
    }

    /// What a row of reads says: the median of rounds that `body` counts and times.
    func row(
        _ name: String, _ title: String, unit: String, roundCount: Int? = nil, _ body: (Int) throws -> Double
    ) rethrows -> Row {
        let count = roundCount ?? self.roundCount
        let values = try (0 ..< count).map(body)
        return Row(name: name, title: title, unit: unit, value: values.median, roundCount: count)
    }
}

/// A result that is not what was written: then no figure means anything.
struct WrongResult: Error, CustomStringConvertible {
    var description: String
}
