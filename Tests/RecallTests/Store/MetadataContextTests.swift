// Metadata that goes along with a task and what follows from an event; and moments as dates.

import Foundation
import Recall
import Testing

struct MetadataContextTests {
    let store = MemoryEventStore()
    let ids = AgencyIDs()

    func event(_ metadata: EventMetadata) -> RecordedEvent {
        RecordedEvent(
            NewEvent(aggregateID: ids.agency, type: "Named", metadata: metadata, payload: Data("{}".utf8)),
            position: 1, version: 1, time: Timestamp(microsecondsSince1970: 0))
    }

    @Test func whatFollowsFromAnEventNamesIt() {
        let first = event([:])
        let second = EventMetadata(causedBy: first)
        #expect(second == ["causationId": "\(first.id)", "correlationId": "\(first.id)"])
        let third = event(["correlationId": "request 7", "causationId": "x", "other": "y"])
        #expect(
            EventMetadata(causedBy: third) == ["causationId": "\(third.id)", "correlationId": "request 7"])
    }

    @Test func savesStoreWhatGoesAlongWithTheTask() async throws {
        let repository = Repository<Agency>(eventStore: store)
        try await EventMetadata.$current.withValue(["correlationId": "request 7", "user": "Fry"]) {
            try await repository.create(ids.agency, metadata: ["user": "Leela", "own": "1"]) {
                $0.rename("MI6")
            }
            try await repository.update(ids.agency) { $0.rename("MI5") }
            // A child task has it, too.
            async let saved = repository.update(ids.agency) { $0.rename("MI4") }
            _ = try await saved
            try await repository.perform(Renaming(), on: ids.agency)
        }
        try await repository.update(ids.agency) { $0.rename("MI3") }
        let stored = try await store.read(EventQuery()).events.map(\.metadata)
        let along: EventMetadata = ["correlationId": "request 7", "user": "Fry"]
        #expect(
            stored == [
                ["correlationId": "request 7", "user": "Leela", "own": "1"], along, along, along, [:],
            ])
    }

    private struct Renaming: Command {
        func execute(on agency: inout Agency) { agency.rename("MI2") }
    }

    @Test func momentsAreDates() {
        for microseconds in [0, 1, -1, 1_795_428_930_123_456, -1_795_428_930_123_457] as [Int64] {
            let timestamp = Timestamp(microsecondsSince1970: microseconds)
            #expect(Timestamp(timestamp.date) == timestamp && Date(timestamp) == timestamp.date)
        }
        #expect(Timestamp(microsecondsSince1970: 1_500_000).date == Date(timeIntervalSince1970: 1.5))
        #expect(Timestamp(Date(timeIntervalSince1970: 0.000_000_6)).microsecondsSince1970 == 1)
        #expect(Timestamp(.distantFuture).date == .distantFuture)
        #expect(Timestamp(Date(timeIntervalSince1970: 1e300)).microsecondsSince1970 == .max)
        #expect(Timestamp(Date(timeIntervalSince1970: -1e300)).microsecondsSince1970 == .min)
        #expect(Timestamp(Date(timeIntervalSince1970: .nan)).microsecondsSince1970 == 0)
    }
}
