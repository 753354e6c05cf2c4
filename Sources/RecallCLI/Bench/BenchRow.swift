// One line of the result: how fast the log was at something, and how fast the limit.

/// A measurement.
struct BenchRow {
    /// Stable, for scripts.
    var name: String
    /// For a person.
    var title: String
    /// What is counted per second: `events` or `loads`.
    var unit = "events"
    var perSecond: Double
    /// The same work on a bare file, per second; nil where a bare file has nothing to compare.
    var rawPerSecond: Double?
    /// Bytes on disk for each event; nil where nothing was written.
    var bytesPerEvent: Double?

    var ratio: Double? { rawPerSecond.map { $0 > 0 ? perSecond / $0 : 0 } }

    var object: JSONObject {
        var object = JSONObject()
        object.add("name", name)
        object.add("unit", unit)
        object.add("perSecond", perSecond)
        object.add("rawPerSecond", rawPerSecond)
        object.add("ratio", ratio)
        object.add("bytesPerEvent", bytesPerEvent)
        return object
    }
}
