// Which events a query wants, judged on their bytes before anything is copied. The same table holds for `EventQuery.accepts`, which judges
// events that are copied already: what the two say may not differ.

import Foundation
import Recall
import RecallLog
import Testing

@Suite struct EventFilterTests {
    private static let events: [(type: EventType, aggregateType: AggregateType, time: Int64)] = [
        ("Placed", "Order", 10), ("Paid", "Order", 20), ("Place", "Offer", 30), ("Placid", "Orders", 40),
        ("PlacedAgain", "Ordex", 50), ("placed", "order", 60),
    ]

    private static let queries: [(EventQuery, [Position])] = [
        (EventQuery(), [1, 2, 3, 4, 5, 6]),
        (EventQuery(eventTypes: ["Placed"]), [1]),
        (EventQuery(eventTypes: ["Place"]), [3]),
        (EventQuery(eventTypes: ["Placed", "Paid"]), [1, 2]),
        (EventQuery(aggregateTypes: ["Order"]), [1, 2]),
        (EventQuery(aggregateTypes: ["Order", "order"]), [1, 2, 6]),
        (EventQuery(eventTypes: ["Placed"], aggregateTypes: ["Offer"]), []),
        (EventQuery(since: at(20)), [2, 3, 4, 5, 6]),
        (EventQuery(until: at(20)), [1, 2]),
        (EventQuery(since: at(21), until: at(29)), []),
        (EventQuery(since: at(30), until: at(30)), [3]),
        (EventQuery(positions: 2 ... 4, since: at(30)), [3, 4]),
    ]

    private static func at(_ time: Int64) -> Timestamp { Timestamp(microsecondsSince1970: time) }

    @Test func filterOfTheLogAndTheQueryAgree() throws {
        let bench = try Bench(.simulated)
        let log = try bench.open()
        for (number, event) in Self.events.enumerated() {
            let new = NewEvent(
                aggregateID: Story.aggregate(number), aggregateType: event.aggregateType, type: event.type,
                time: Self.at(event.time), payload: Data())
            _ = try log.appendBlocking(Commit(events: [new]))
        }
        let stored = try log.allEvents()
        for (query, positions) in Self.queries {
            #expect(try log.readBlocking(query).events.map(\.position) == positions, "\(query)")
            #expect(stored.filter { query.accepts($0) }.map(\.position) == positions, "\(query)")
        }
        try log.closeBlocking()
    }
}
