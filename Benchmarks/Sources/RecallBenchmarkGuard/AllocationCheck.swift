// Counts allocations in the hot loops. A count is the same on each machine, so a loss shows on a slow one too.

import CAllocationCount
import Foundation
import Recall
import RecallBenchmarksKit
import RecallLog

/// Allocations for each event and commit once everything has its final size.
struct AllocationCheck {
    let perReplayedEvent: Double
    let perCommit: Double
    let perFurtherEvent: Double

    private static let replayedEventCount = 50_000
    private static let commitCount = 2_000
    private static let batchEventCount = 100

    /// - Parameter directory: gets a store, which stays there.
    init(directory: String) throws {
        var workload = Workload(seed: 2026)
        let path = "\(directory)/allocations"
        var configuration = LogConfiguration()
        configuration.durability = .system
        let log = try Log.openBlocking(at: path, configuration: configuration)
        func append(_ commits: [Commit]) throws -> Double {
            let before = allocation_count()
            for commit in commits { _ = try log.appendBlocking(commit) }
            return Double(allocation_count() - before) / Double(commits.count)
        }
        // Fills buffers and tables, which may grow at first.
        _ = try append(workload.commits(Self.replayedEventCount, eventCount: 1).map(\.commit))
        let single = try append(workload.commits(Self.commitCount, eventCount: 1).map(\.commit))
        let batches = workload.commits(Self.commitCount / 10, eventCount: Self.batchEventCount).map(\.commit)
        _ = try append(Array(batches.prefix(batches.count / 2)))
        let batch = try append(Array(batches.suffix(batches.count / 2)))
        perCommit = single
        perFurtherEvent = (batch - single) / Double(Self.batchEventCount - 1)
        try log.closeBlocking()

        let reader = try Log.openBlocking(at: path, access: .readOnly)
        _ = try Self.replay(reader)
        let before = allocation_count()
        let count = try Self.replay(reader)
        perReplayedEvent = Double(allocation_count() - before) / Double(max(1, count))
        try reader.closeBlocking()
    }

    private static func replay(_ log: Log) throws -> Int {
        var sum = PayloadSum()
        try log.replayBlocking { (fields, bytes) throws(StoreError) in
            bytes.extracting(fields.payload).withUnsafeBytes { sum.add($0) }
            return true
        }
        return sum.count
    }
}
