// Adds up the time that only the measured work takes.

/// A stop watch for work in pieces.
struct BenchClock {
    private(set) var elapsed: Duration = .zero

    /// Runs `body` on the clock.
    mutating func measure<Result>(_ body: () throws -> Result) rethrows -> Result {
        let start = ContinuousClock.now
        defer { elapsed += start.duration(to: .now) }
        return try body()
    }

    /// How many of `count` fit in a second.
    func rate(_ count: Int) -> Double {
        let seconds = elapsed / .seconds(1)
        return seconds > 0 ? Double(count) / seconds : 0
    }
}
