// One event of the workload, as every store gets it.

import Foundation
import Recall

/// An event with the version that its aggregate reaches by it: Recall assigns versions itself, and the other
/// stores must be told.
package struct BenchmarkEvent: Sendable {
    package var id: UUID
    package var aggregate: UUID
    /// From 1, without gaps in what the workload has made since it began a store.
    package var version: UInt32
    /// Which of `Workload.types` it is. Recall stores the name, the others store this byte.
    package var typeNumber: UInt8
    package var payload: Data

    /// The event as Recall is given it.
    package var newEvent: NewEvent {
        NewEvent(
            id: EventID(id), aggregateID: AggregateID(aggregate), aggregateType: "Order",
            type: Workload.types[Int(typeNumber)], payload: payload)
    }
}

extension [BenchmarkEvent] {
    /// The events as one commit for Recall.
    package var commit: Commit { Commit(events: map(\.newEvent)) }
}
