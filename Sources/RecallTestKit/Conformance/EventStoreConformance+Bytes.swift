// Names, keys and values are bytes. Texts that only look alike are different ones, whatever Swift's strings say:
// an "é" that is one letter and one that is an e with an accent, a K and the sign of the Kelvin.

internal import Recall

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension EventStoreConformance {
    /// Texts that Swift takes for equal though their bytes differ.
    private static let twins: [(name: String, one: String, other: String)] = [
        ("letters with accents", "Caf\u{E9}", "Cafe\u{301}"),
        ("a K and a Kelvin sign", "Kunde", "\u{212A}unde"),
        ("accents in another order", "o\u{302}\u{323}", "o\u{323}\u{302}"),
        ("syllables of Hangul", "\u{D55C}", "\u{1112}\u{1161}\u{11AB}"),
    ]

    static let bytesCases: [Case] = twins.flatMap { name, one, other in
        [
            Case("types that only look alike are two: \(name)") { session in
                let events = [one, other, one].map { text in
                    NewEvent(
                        aggregateID: AggregateID(), aggregateType: AggregateType(text), type: EventType(text),
                        payload: Data("{}".utf8))
                }
                try await roundTrip(events, in: session.store)
                for (text, wanted) in [(one, [1, 3]), (other, [2])] as [(String, [UInt64])] {
                    for query in [
                        EventQuery(eventTypes: [EventType(text)]),
                        EventQuery(aggregateTypes: [AggregateType(text)]),
                        EventQuery(eventTypes: [EventType(text)], aggregateTypes: [AggregateType(text)]),
                    ] {
                        let found = try await session.store.readToEnd(query)
                        try expectEqual(
                            found.map(\.position.rawValue), wanted,
                            "The positions of the type \(text.unicodeScalars.map(\.value))")
                    }
                }
                let both = EventQuery(eventTypes: [EventType(one), EventType(other)])
                let found = try await session.store.readToEnd(both)
                try expectEqual(found.map(\.position), [1, 2, 3], "The positions of both types")
            },
            Case("an event keeps metadata and tags that only look alike: \(name)") { session in
                var event = Sample.event()
                event.metadata = [one: one, other: other]
                event.tags = [EventTag(one), EventTag(other), EventTag(one)]
                try expectEqual(event.metadata.values.count, 2, "The keys of the metadata")
                try await roundTrip([event], in: session.store)
            },
            Case("a stored id with a body that only looks the same is refused: \(name)") { session in
                let event = NewEvent(
                    aggregateID: Sample.company, aggregateType: AggregateType(one), type: EventType(one),
                    contentType: ContentType(one), metadata: [one: one],
                    tags: [EventTag(one), EventTag(one)],
                    payload: Data(one.utf8))
                let receipt = try await session.store.append(Commit(events: [event]))
                let changes: [(String, (inout NewEvent) -> Void)] = [
                    ("aggregate type", { $0.aggregateType = AggregateType(other) }),
                    ("event type", { $0.type = EventType(other) }),
                    ("content type", { $0.contentType = ContentType(other) }),
                    ("metadata key", { $0.metadata = [other: one] }),
                    ("metadata value", { $0.metadata = [one: other] }),
                    ("second tag", { $0.tags[1] = EventTag(other) }),
                    ("payload", { $0.payload = Data(other.utf8) }),
                ]
                for (field, change) in changes {
                    var copy = event
                    change(&copy)
                    try await expectError(
                        .eventIDReused, from: "Appending a stored id with a look-alike \(field)"
                    ) {
                        try await session.store.append(Commit(events: [copy]))
                    }
                }
                let again = try await session.store.append(Commit(events: [event]))
                try expect(
                    again.wasStoredBefore && again.firstPosition == receipt.firstPosition,
                    "Appending the same bytes again: expected the first position.")
                let stored = try await session.store.readToEnd(EventQuery())
                try expectEqual(stored.count, 1, "The events after it")
            },
            Case("an entity whose types only look alike in one commit is refused: \(name)") { session in
                let events = [one, other].map { text in
                    NewEvent(
                        aggregateID: Sample.company, aggregateType: AggregateType(text), type: "Happened",
                        payload: Data("{}".utf8))
                }
                try await expectError(.invalidArgument, from: "Appending two types of one entity") {
                    try await session.store.append(Commit(events: events))
                }
            },
        ]
    }
}
