// All that a run found, as it is stored in JSON.

import Foundation
import RecallBenchmarksKit

/// The result of a run, and where it was measured.
struct Report: Codable, Sendable {
    var machine: Machine
    /// When the run ended, in UTC.
    var date: Date
    /// The commit that was measured, as `scripts/bench` names it.
    var commit: String
    var eventCount: Int
    var aggregateCount: Int
    var seed: UInt64
    var secondsPerRow: Double
    var roundCount: Int
    var hasUniqueEventIDs: Bool
    /// How the workload compresses.
    var density: Density
    var rows: [Row]
    var latencies: [Latency]
    var large: LargeResult?

    init(
        _ run: Run, machine: Machine, commit: String, seed: UInt64, density: Density, rows: [Row],
        large: LargeResult?
    ) {
        self.machine = machine
        date = Date()
        self.commit = commit
        eventCount = run.eventCount
        aggregateCount = run.workload.aggregateCount
        self.seed = seed
        secondsPerRow = run.seconds
        roundCount = run.roundCount
        hasUniqueEventIDs = run.hasUniqueEventIDs
        self.density = density
        self.rows = rows
        latencies = run.latencies
        self.large = large
    }

    /// Reads a report that was stored.
    init(contentsOf path: String) throws {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        self = try decoder.decode(Report.self, from: Data(contentsOf: URL(filePath: path)))
    }

    var json: Data {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            encoder.dateEncodingStrategy = .iso8601
            return try encoder.encode(self) + Data("\n".utf8)
        }
    }

    /// The stores that the report knows, in their order.
    var stores: [StoreName] { StoreName.allCases.filter { name in rows.contains { $0.values[name] != nil } } }

    /// The day, and what was measured: what a picture must say too.
    var origin: String { "\(date.formatted(.iso8601.year().month().day())), commit \(commit)" }
}
