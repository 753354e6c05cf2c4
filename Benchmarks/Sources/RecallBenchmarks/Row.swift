// One line of the result.

/// A measurement.
struct Row: Codable, Sendable {
    /// Stable, for scripts.
    var name: String
    /// For a person.
    var title: String
    /// `events/s`, `loads/s` or `ms`.
    var unit: String
    /// The median over the rounds.
    var value: Double
    /// The median of the bare file's rounds; nil where a bare file has nothing to compare.
    var limit: Double?
    /// The median of the ratios of each round of the log to the round of the bare file beside it.
    var ratio: Double?
    /// Bytes of frames on disk for each event; nil where nothing was written.
    var bytesPerEvent: Double?
    var roundCount: Int
}

extension Collection<Double> {
    /// The middle value; of an even count the mean of the two in the middle; 0 of none.
    var median: Double {
        let sorted = sorted()
        guard let last = sorted.last else { return 0 }
        let middle = sorted.count / 2
        if sorted.count == 1 { return last }
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}

extension Duration {
    var seconds: Double { self / .seconds(1) }
}
