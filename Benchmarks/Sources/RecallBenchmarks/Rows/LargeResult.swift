// What ten times the events cost: the result of a process of its own.

/// Rates, times and memory of a large store.
struct LargeResult: Codable, Sendable {
    var eventCount: Int
    var aggregateCount: Int
    /// How many events one entry of `windowRates` covers.
    var windowEventCount: Int
    /// Events a second, one event a commit, not synced, window after window.
    var windowRates: [Double]
    /// The median of the first windows behind the very first, and of the last ones.
    var firstRate: Double
    var lastRate: Double
    /// The most memory of its own (neither files nor what the workload needs) that was seen while appending, and
    /// after opening and loading.
    var appendMemoryBytesMax: Int
    var readMemoryBytesMax: Int
    var openMilliseconds: Double
    var loadsPerSecond: Double
    var replayedEventsPerSecond: Double
    var bytesPerEvent: Double
    var targets: [Target] = []
}
