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

    /// Commits a second. They are made before the clock runs: as many as no store here can take, so that none repeats what was
    /// stored before.
    var turn: Measuring.Turn {
        { [self, eventCount] callerCount, duration in
            let perSecond = eventCount > 1 ? 10_000 : callerCount > 1 ? 6_000 : 60_000
            let each = Int(Double(perSecond) * max(1, duration.seconds))
            let commits = workload.withLock { workload in
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
