// The aggregates of a store with what there is of each.

import Recall
import RecallLog

/// Counts events by aggregate.
struct AggregateCensus {
    struct Row {
        var id: AggregateID
        /// The type that its last event names.
        var type: AggregateType
        var eventCount = 0
        /// When its first and its last event happened, in order of version.
        var firstTime: Timestamp
        var lastTime: Timestamp
    }

    private var rows: [AggregateID: Row] = [:]

    mutating func count(
        _ event: EventFields, _ bytes: RawSpan, _ names: inout NameMemory
    ) throws(FormatError) {
        let id = event.aggregateID
        let type = AggregateType(try names.string(event.aggregateType, bytes))
        var row = rows[id] ?? Row(id: id, type: type, firstTime: event.time, lastTime: event.time)
        row.type = type
        row.eventCount += 1
        row.lastTime = event.time
        rows[id] = row
    }

    /// The largest first; of those with as many events the one with the lower id.
    func largest(_ limit: Int?) -> [Row] {
        let sorted = rows.values.sorted {
            $0.eventCount == $1.eventCount ? $0.id < $1.id : $0.eventCount > $1.eventCount
        }
        return Array(sorted.prefix(limit ?? sorted.count))
    }
}
