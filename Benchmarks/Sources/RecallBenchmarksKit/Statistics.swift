// The few figures of statistics that the rows need.

extension Collection<Double> {
    /// The middle value; of an even count the mean of the two in the middle; 0 of none.
    package var median: Double {
        let sorted = sorted()
        guard let last = sorted.last else { return 0 }
        let middle = sorted.count / 2
        if sorted.count == 1 { return last }
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}

extension [Double] {
    /// The value that `share` (0 to 1) of the values do not exceed. The values must be sorted.
    package func percentile(_ share: Double) -> Double {
        guard let last else { return 0 }
        let index = Int((Double(count) * share).rounded(.up)) - 1
        return index < count ? self[Swift.max(0, index)] : last
    }
}

extension Duration {
    package var seconds: Double { self / .seconds(1) }
}
