// Appends of the workload's events, so many in each commit.

import Recall
import RecallBenchmarksKit
import Synchronization

/// Appends to one store. Each store gets the same events.
final class AppendWork: Sendable {
    private let store: any EventStore
    private let workload: Mutex<Workload>
    private let eventCount: Int

    init(_ store: any EventStore, seed: UInt64, eventCount: Int = 1) {
        self.store = store
        self.eventCount = eventCount
        workload = Mutex(Workload(seed: seed))
    }

    /// Commits a second. They are made before the clock runs: as many as no store here can take.
    var turn: Measuring.Turn {
        { [self] callerCount, duration in
            let each = Int((callerCount == 1 ? 60_000 : 6_000) * max(1, duration.seconds)) / eventCount
            let commits = workload.withLock { [eventCount] workload in
                (0 ..< callerCount).map { _ in workload.commits(each, eventCount: eventCount).map(\.commit) }
            }
            return try await Measuring.rate(callerCount, duration) { [store] caller, number in
                // A store in memory may be faster than that; it then repeats, which writes nothing and costs less, so its
                // figure is a bound.
                _ = try await store.append(commits[caller][number % each])
            }
        }
    }
}
