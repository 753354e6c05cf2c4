// What an update does when somebody outside of its repository was faster. Everything that waits or is random is given, so
// that a test needs neither.

/// How long and how an update is tried again after a conflict.
///
/// Within one repository updates of an aggregate wait for each other and need none of it. It is for several repositories on
/// one store, in one process or many, and for whoever saves or appends beside updates.
public struct ConflictRetry: Sendable {
    /// How long after its first attempt an update may begin another. Waiting for other updates of the same repository
    /// does not count. Zero for one attempt.
    public var timeout: Duration
    /// How long to wait after a conflict.
    public var backOff: BackOff
    /// Tells how much time has passed.
    public var now: @Sendable () -> ContinuousClock.Instant = { .now }
    /// Waits for a time, and throws when the task is cancelled.
    public var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    /// Draws a number from 0 to 1 for the back-off.
    public var random: @Sendable () -> Double = { Double.random(in: 0 ... 1) }

    /// Thirty seconds unless said otherwise, with pauses that are drawn from 1 ms, and from twice as much after each
    /// further conflict, up to 1 s: so many contenders soon come one after the other.
    public init(
        timeout: Duration = .seconds(30),
        backOff: BackOff = BackOff(first: .milliseconds(1), max: .seconds(1), factor: 2, jitter: 1)
    ) {
        self.timeout = timeout
        self.backOff = backOff
    }
}
