// How long to wait before the next attempt: twice as long each time, and a random part of it, so that callers who
// failed together do not come back together.

/// Pauses that grow.
struct RetryPause {
    private var next: Duration
    private let longest: Duration
    private let randomUnit: @Sendable () -> Double

    init(_ configuration: RedisStoreConfiguration) {
        next = min(configuration.retryPauseFirst, configuration.retryPauseLongest)
        longest = configuration.retryPauseLongest
        randomUnit = configuration.randomUnit
    }

    /// The pause to make now: from half of the present length to all of it.
    mutating func take() -> Duration {
        defer { next = min(next * 2, longest) }
        return next * (0.5 + 0.5 * min(max(randomUnit(), 0), 1))
    }
}
