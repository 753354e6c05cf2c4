// What the guard allows, all in one place. Counts are exact and hold on any machine. Ratios are of one run, with a
// margin so wide that only a real loss falls below: the aims themselves are in docs/benchmarks, not here.

enum GuardLimits {
    /// Allocations for each event of a replay. A few for the call itself are spread over all events.
    static let allocationsPerReplayedEvent = 0.01

    /// Allocations for each commit of one event by `appendBlocking`: the index grows now and then, and a segment is begun.
    static let allocationsPerCommit = 0.05

    /// What each further event of a commit adds: its share of the receipt's list of streams.
    static let allocationsPerFurtherEvent = 0.2

    /// Recall's rate divided by the bare file's: durable, one event a commit, one caller.
    static let durableRatio = 0.6

    /// The same, not synced.
    ///
    /// It depends on the processor: compressing is a part of the log's side alone. 0.5 on an AMD EPYC, 0.24 on an Intel Xeon with the code of
    /// f1003d4, which the limit of 0.3 refused there; so it lies as far below the lower one as it did below the higher.
    static let systemRatio = 0.15
}
