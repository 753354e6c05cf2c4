// How a subscription goes over from what is there to what comes, seen by what it asks of its store.

import Foundation
import Recall
import RecallTestKit
import Testing

struct EventSequenceTests {
    private let store = RecordingEventStore()
    private let a = AggregateID(number: 1)

    private func append(_ types: EventType...) async throws {
        let events = types.map { NewEvent(aggregateID: a, type: $0, payload: Data()) }
        _ = try await store.append(Commit(events: events))
    }

    /// What a filter leaves out is looked at once. Else a subscription to a rare type would read the whole store again for each event.
    @Test func whatAFilterLeavesOutIsNotReadAgain() async throws {
        try await append("Seen", "Other", "Other", "Other")
        var iterator = store.subscribe(EventQuery(eventTypes: ["Seen"])).makeAsyncIterator()
        #expect(try await iterator.next()?.position == 1)
        let task = Task { [store] in
            _ = await store.waits.first { $0 }
            try await append("Other", "Seen")
        }
        #expect(try await iterator.next()?.position == 6)
        try await task.value
        #expect(store.queries.map(\.positions.lowerBound) == [1, 5])
    }

    @Test func subscriptionEndsWithItsRange() async throws {
        try await append("Seen", "Seen", "Seen")
        var positions: [Position] = []
        for try await event in store.subscribe(EventQuery(positions: 1 ... 2)) {
            positions.append(event.position)
        }
        #expect(positions == [1, 2])
        #expect(store.waitCount == 0)
    }

    @Test func backwardsSubscriptionEndsAtTheFirstEvent() async throws {
        try await append("Seen", "Seen")
        var positions: [Position] = []
        for try await event in store.subscribe(EventQuery(direction: .backwards)) {
            positions.append(event.position)
        }
        #expect(positions == [2, 1])
        #expect(store.waitCount == 0)
    }
}
