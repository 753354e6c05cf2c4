// How long appends took, as a whole and one by one.

/// The time of some commits.
package struct Timing: Sendable {
    package var duration: Duration
    /// Of each commit, in microseconds; empty where they were not asked for.
    package var latencies: [Double]

    package init(duration: Duration, latencies: [Double] = []) {
        self.duration = duration
        self.latencies = latencies
    }

    /// Runs `body` for each item, one after the other. Reading the clock costs less than a thousandth of a sync,
    /// and too much beside an append that is not synced: those are timed as a whole.
    package static func each<Item>(
        _ items: [Item], recordsLatencies: Bool, _ body: (Item) throws -> Void
    ) rethrows -> Timing {
        let start = ContinuousClock.now
        guard recordsLatencies else {
            for item in items { try body(item) }
            return Timing(duration: start.duration(to: .now))
        }
        var latencies: [Double] = []
        latencies.reserveCapacity(items.count)
        var before = start
        for item in items {
            try body(item)
            let now = ContinuousClock.now
            latencies.append(before.duration(to: now).seconds * 1e6)
            before = now
        }
        return Timing(duration: start.duration(to: before), latencies: latencies)
    }
}
