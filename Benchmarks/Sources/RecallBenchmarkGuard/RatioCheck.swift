// Compares with a bare file in the same seconds on the same disk, so the speed of both does not matter.

import Foundation
import Recall
import RecallBenchmarksKit
import RecallLog

/// Recall's rate as a multiple of the bare file's.
enum RatioCheck {
    private enum Name { case log, file }
    private static let roundCount = 9

    /// - Parameters:
    ///   - directory: gets a store and a file, which stay there.
    ///   - commitCount: how many commits of one event a round has.
    static func ratio(directory: String, isDurable: Bool, commitCount: Int) async throws -> Double {
        var workload = Workload(seed: 2026)
        let path = "\(directory)/ratio-\(isDurable ? "durable" : "system")"
        var configuration = LogConfiguration()
        configuration.durability = isDurable ? .commit : .system
        let log = try Log.openBlocking(at: path, configuration: configuration)
        let file = try BareFile(path: path + ".bare")
        func append(_ commits: [[BenchmarkEvent]]) throws -> Double {
            let timing = try Timing.each(commits.map(\.commit), limit: nil) {
                _ = try log.appendBlocking($0)
            }
            return timing.rate
        }
        var commits = workload.commits(commitCount, eventCount: 1)
        _ = try append(commits)
        let contest = try await Contest<Name>(
            roundCount: roundCount, prepare: { _ in commits = workload.commits(commitCount, eventCount: 1) },
            [
                .init(.log) { _ in try append(commits) },
                .init(.file) { _ in
                    let timing = try file.append(commits.map(BareFile.bytes), isSynced: isDurable)
                    return timing.rate
                },
            ])
        try await log.close()
        return contest.ratios(of: .log)[.file] ?? 0
    }
}
