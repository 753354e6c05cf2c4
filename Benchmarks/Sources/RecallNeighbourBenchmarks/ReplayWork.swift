// Reading all events of a store in their order, as a projection that is made anew does.

import Recall
import RecallBenchmarksKit

/// Replays one store, again and again.
struct ReplayWork: Sendable {
    private let store: any EventStore

    init(_ store: any EventStore) { self.store = store }

    /// Events a second.
    var turn: Measuring.Turn {
        { [store] _, duration in
            let start = ContinuousClock.now
            var count = 0
            while start.duration(to: .now) < duration {
                let before = count
                for try await _ in store.events() {
                    count += 1
                    // The clock is looked at now and then: a look takes as long as some events of the log.
                    if count.isMultiple(of: 1_024), start.duration(to: .now) >= duration { break }
                }
                if count == before { throw WrongResult("A store that was appended to has no events.") }
            }
            return Double(count) / start.duration(to: .now).seconds
        }
    }
}
