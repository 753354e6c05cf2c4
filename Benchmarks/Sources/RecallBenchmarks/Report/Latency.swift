// How long single appends take: a mean hides what a caller waits for once in a thousand times.

import RecallBenchmarksKit

/// The time of appends of one row by one store, in microseconds.
struct Latency: Codable, Sendable {
    var row: String
    var store: StoreName
    var count: Int
    var p50: Double
    var p99: Double
    var p999: Double
    var max: Double

    /// - Parameter values: in any order.
    init(row: String, store: StoreName, _ values: [Double]) {
        let sorted = values.sorted()
        self.row = row
        self.store = store
        count = sorted.count
        p50 = sorted.percentile(0.5)
        p99 = sorted.percentile(0.99)
        p999 = sorted.percentile(0.999)
        max = sorted.last ?? 0
    }
}
