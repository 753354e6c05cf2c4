// How long to wait before the next try. The time grows with each failure, so that a neighbour that comes back is not met
// by everybody at once, and is drawn at random, so that those who failed together do not come together.

/// Waiting times that grow exponentially up to a bound.
public struct BackOff: Hashable, Sendable {
    /// After the first failure, before anything is drawn.
    public var first: Duration
    /// What it never exceeds.
    public var max: Duration
    /// By how much it grows with each failure.
    public var factor: Double
    /// Which part of the time is drawn at random: 0 for none, 1 for anything from nothing to the whole.
    public var jitter: Double

    /// Times that grow from `first` to `max`.
    /// - Parameters:
    ///   - first: after the first failure, before anything is drawn.
    ///   - max: what it never exceeds.
    ///   - factor: by how much it grows with each failure; less than 1 counts as 1.
    ///   - jitter: which part of it is drawn at random, from 0 to 1.
    public init(
        first: Duration = .milliseconds(100), max: Duration = .seconds(30), factor: Double = 2,
        jitter: Double = 0.5
    ) {
        self.first = first
        self.max = max
        self.factor = factor
        self.jitter = jitter
    }

    /// The time to wait, in whole microseconds.
    /// - Parameters:
    ///   - failureCount: how many failures there were in a row, from 1.
    ///   - random: a number from 0 to 1 that was drawn for it: 0 gives the shortest time and 1 the longest.
    public func delay(afterFailures failureCount: Int, random: Double) -> Duration {
        let (longest, shortest) = (Self.seconds(max), Swift.max(0, Self.seconds(first)))
        var seconds = shortest
        var growthCount = Swift.min(failureCount, 1_000) - 1
        while growthCount > 0, seconds < longest {
            seconds *= Swift.max(1, factor)
            growthCount -= 1
        }
        seconds = Swift.max(0, Swift.min(seconds, longest))
        let drawn = seconds * Swift.min(Swift.max(jitter, 0), 1)
        let pause = seconds - drawn * (1 - Swift.min(Swift.max(random, 0), 1))
        // Far below what an Int64 holds, even where `max` is a century.
        return .microseconds(Int64((Swift.min(pause, 1e12) * 1e6).rounded()))
    }

    private static func seconds(_ duration: Duration) -> Double {
        let (seconds, attoseconds) = duration.components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
