// Recall as the rows see it. Segments, compression and all else are as an application gets them.

import Foundation
import Recall
import RecallBenchmarksKit
import RecallLog

/// A log in the layout that its path asks for: one file where it ends in `.recall`, else a directory.
final class RecallStore: BenchmarkStore {
    let log: Log
    private let clock = WorkloadClock()

    init(path: String, isDurable: Bool, access: LogAccess = .createOrOpen) throws {
        var configuration = LogConfiguration()
        configuration.durability = isDurable ? .commit : .system
        configuration.clock = clock.wallClock
        log = try Log.openBlocking(at: path, access: access, configuration: configuration)
    }

    func append(_ commits: [[BenchmarkEvent]], limit: Duration?) throws -> Timing {
        try Timing.each(commits.map(\.commit), limit: limit) { commit in
            clock.set(to: commit)
            _ = try log.appendBlocking(commit)
        }
    }

    /// Appends by so many tasks, each one commit after the other.
    func append(_ commits: [[BenchmarkEvent]], callerCount: Int, limit: Duration) async throws -> Timing {
        let (log, clock) = (log, clock)
        let prepared = commits.map(\.commit)
        let start = ContinuousClock.now
        let latencies = try await withThrowingTaskGroup(of: [Double].self) { group in
            for caller in 0 ..< callerCount {
                group.addTask {
                    var own: [Double] = []
                    own.reserveCapacity(prepared.count / callerCount + 1)
                    for index in stride(from: caller, to: prepared.count, by: callerCount) {
                        let before = ContinuousClock.now
                        clock.set(to: prepared[index])
                        _ = try await log.append(prepared[index])
                        let now = ContinuousClock.now
                        own.append(before.duration(to: now).seconds * 1e6)
                        if start.duration(to: now) >= limit { break }
                    }
                    return own
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        return Timing(
            count: latencies.count, duration: start.duration(to: .now), latencies: latencies)
    }

    func replay() throws -> PayloadSum {
        var sum = PayloadSum()
        try log.replayBlocking { (fields, bytes) throws(StoreError) in
            bytes.extracting(fields.payload).withUnsafeBytes { sum.add($0) }
            return true
        }
        return sum
    }

    /// Replays page by page, every event copied into a value of its own.
    func replayInPages() throws -> PayloadSum { try sum(of: EventQuery()) }

    /// The one place that loads an aggregate: borrowed bytes, as the peers lend them.
    func load(_ aggregate: UUID) throws -> PayloadSum {
        try borrowedSum(of: EventQuery(.aggregate(AggregateID(aggregate))))
    }

    private func borrowedSum(of query: EventQuery) throws -> PayloadSum {
        var sum = PayloadSum()
        try log.replayBlocking(query) { (fields, bytes) throws(StoreError) in
            bytes.extracting(fields.payload).withUnsafeBytes {
                sum.add(version: fields.version.rawValue, $0)
            }
            return true
        }
        return sum
    }

    func close() throws { try log.closeBlocking() }

    private func sum(of query: EventQuery) throws -> PayloadSum {
        var sum = PayloadSum()
        var next: EventQuery? = query
        while let query = next {
            let page = try log.readBlocking(query)
            for event in page.events {
                event.payload.withUnsafeBytes { sum.add(version: event.version.rawValue, $0) }
            }
            next = page.next
        }
        // Versions are those of many aggregates.
        if query.scope == .all { sum.isInOrder = true }
        return sum
    }
}
