// The time of the workload, for the log's clock. Events are made before the clock of a measurement runs; an application
// makes an event's id in the moment in which it appends it, so the log is told that moment.

import Recall
import Synchronization

/// A clock that shows the time of the event that was appended last.
package final class WorkloadClock: Sendable {
    private let microseconds = Atomic<Int64>(0)

    package init() {}

    /// What the log's configuration takes.
    package var wallClock: WallClock {
        WallClock { [self] in Timestamp(microsecondsSince1970: microseconds.load(ordering: .relaxed)) }
    }

    /// Puts the clock to when the first event of a commit was made.
    package func set(to commit: Commit) {
        guard let moment = commit.events.first?.id.timeOrderedAt else { return }
        microseconds.store(moment.microsecondsSince1970, ordering: .relaxed)
    }
}
