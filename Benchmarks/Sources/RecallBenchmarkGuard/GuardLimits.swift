// What the guard allows, all in one place. Counts are exact and hold on any machine. Ratios are of one run, with a
// margin so wide that only a real loss falls below: the aims themselves are in docs/benchmarks, not here.

enum GuardLimits {
    /// Allocations for each event of a replay. A few for the call itself are spread over all events.
    static let allocationsPerReplayedEvent = 0.01

    /// Allocations for each commit of one event by `appendBlocking`: what the caller's side encodes into and the
    /// receipt with its dictionary.
    static let allocationsPerCommit = 16.0

    /// What each further event of a commit adds.
    static let allocationsPerFurtherEvent = 2.0

    /// Recall's rate divided by the bare file's: durable, one event a commit, one caller.
    static let durableRatio = 0.6

    /// The same, not synced. Low, since today's engine is at 0.24 with one write a commit; to be raised with it.
    static let systemRatio = 0.15
}
