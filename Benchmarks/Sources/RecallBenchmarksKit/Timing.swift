// How long appends took, as a whole and one by one.

/// The time of some commits.
package struct Timing: Sendable {
    /// How many commits there were.
    package var count: Int
    package var duration: Duration
    /// Of each commit, in microseconds; empty where they were not asked for.
    package var latencies: [Double]

    package init(count: Int, duration: Duration, latencies: [Double] = []) {
        self.count = count
        self.duration = duration
        self.latencies = latencies
    }

    /// Commits a second.
    package var rate: Double { Double(count) / duration.seconds }

    /// Runs `body` for each item, one after the other.
    /// - Parameter limit: times each item, and begins no other one after so long: a disk may become slower by far from
    ///   one second to the next. Nil for all items, timed as a whole: reading the clock costs less than a thousandth
    ///   of a sync, and too much beside an append that is not synced.
    package static func each<Item>(
        _ items: [Item], limit: Duration?, _ body: (Item) throws -> Void
    ) rethrows -> Timing {
        let start = ContinuousClock.now
        guard let limit else {
            for item in items { try body(item) }
            return Timing(count: items.count, duration: start.duration(to: .now))
        }
        var latencies: [Double] = []
        latencies.reserveCapacity(items.count)
        var before = start
        for item in items {
            try body(item)
            let now = ContinuousClock.now
            latencies.append(before.duration(to: now).seconds * 1e6)
            before = now
            if start.duration(to: now) >= limit { break }
        }
        return Timing(count: latencies.count, duration: start.duration(to: before), latencies: latencies)
    }
}
