// The rows whose commits are on the disk when their append returns.

import RecallBenchmarksKit

/// A way to append durably.
enum DurableRow: String, CaseIterable {
    case durableBlocking, durableAsync, durable64Callers, durableBatch

    var eventCount: Int { self == .durableBatch ? 100 : 1 }
    var callerCount: Int { self == .durable64Callers ? 64 : 1 }
    var isBlocking: Bool { self == .durableBlocking || self == .durableBatch }

    var title: String {
        switch self {
        case .durableBlocking: "durable, 1 event a commit, 1 blocking caller"
        case .durableAsync: "durable, 1 event a commit, 1 async caller"
        case .durable64Callers: "durable, 1 event a commit, 64 async callers"
        case .durableBatch: "durable, 100 events a commit, 1 blocking caller"
        }
    }

    /// Who takes part of those who are measured. Only Recall has asynchronous callers and lets commits share syncs, so
    /// those rows compare it with what the bare file and SQLite do for their one caller.
    func participants(_ contestants: [StoreName]) -> [StoreName] {
        switch self {
        case .durableBlocking, .durableBatch: contestants
        case .durableAsync: contestants.filter { [.recall, .bareFile, .sqlite].contains($0) }
        case .durable64Callers:
            contestants.filter { [.recall, .recallFile, .bareFile, .sqlite].contains($0) }
        }
    }
}

extension Run {
    /// Measures one row, and the latencies of its appends.
    mutating func measure(_ kind: DurableRow) async throws -> Row {
        let row = kind.rawValue
        let names = kind.participants(contestants)
        let appenders = try names.map { name in
            try Appender(
                name, at: "\(directory)/\(row)-\(name.rawValue)\(name.pathSuffix)", settings(isDurable: true),
                kind)
        }
        var workload = workload
        // Twice, since the first commits also make files. The second says how many commits a round needs.
        let roundSeconds = seconds / Double(roundCount * names.count)
        var commitCounts: [StoreName: Int] = [:]
        for appender in appenders {
            let warmUpCount = 32 * appender.callerCount
            func warmUp() async throws -> Timing {
                let commits = workload.commits(warmUpCount, eventCount: kind.eventCount)
                return try await appender.append(commits, limit: .seconds(roundSeconds))
            }
            _ = try await warmUp()
            let rate = try await warmUp().rate
            // More than fit, unless the disk becomes faster meanwhile.
            commitCounts[appender.name] = max(appender.callerCount, Int(2 * rate * roundSeconds))
        }
        let commitCountMax = commitCounts.values.max() ?? 0
        let rounds = RoundEvents()
        let contest = try await Contest(
            roundCount: roundCount,
            prepare: { _ in
                rounds.commits = workload.commits(commitCountMax, eventCount: kind.eventCount)
            },
            appenders.map { appender in
                let count = commitCounts[appender.name] ?? 1
                return .init(appender.name) { _ in
                    let timing = try await appender.append(
                        Array(rounds.commits.prefix(count)), limit: .seconds(roundSeconds))
                    rounds.latencies[appender.name, default: []] += timing.latencies
                    return timing.rate * Double(kind.eventCount)
                }
            })
        for appender in appenders { try appender.close() }
        self.workload = workload
        for name in names {
            latencies.append(Latency(row: row, store: name, rounds.latencies[name] ?? []))
        }
        return Row(
            name: row, title: kind.title, unit: "events/s", values: contest.medians,
            ratios: contest.ratios(of: .recall), roundCount: roundCount)
    }
}

/// What the contestants of one row share. A class, since all of them hold it.
private final class RoundEvents {
    var commits: [[BenchmarkEvent]] = []
    var latencies: [StoreName: [Double]] = [:]
}
