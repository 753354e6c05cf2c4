// What a log tells the application's metrics system, if there is one (swift-metrics).

internal import CoreMetrics

/// The log's counters and timers.
package struct LogMetrics: Sendable {
    /// Commits that were answered, conflicts and repetitions among them.
    private let commitCounter = Counter(label: "recall.log.commits")
    /// Bytes written to segments.
    private let byteCounter = Counter(label: "recall.log.written.bytes")
    /// How long a sync took.
    private let syncTimer = Timer(label: "recall.log.sync.duration")
    /// Failed writes and syncs, each of which latches a log.
    private let failureCounter = Counter(label: "recall.log.failures")

    func recordCommits(count: Int) { commitCounter.increment(by: count) }

    func recordWrite(byteCount: Int) { byteCounter.increment(by: byteCount) }

    func recordFailure() { failureCounter.increment() }

    func recordSync(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        syncTimer.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
