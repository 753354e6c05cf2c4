// Two event types that only looked alike, one with an "é" of one letter and one with an e and an accent, were one to
// Swift's strings: a filter for one gave the events of both, and an event under a stored id with the other type was
// acknowledged as a repetition and lost. Names are bytes.

import Foundation
import Recall
import Testing

struct NameTests {
    static let twins: [(String, String)] = [
        ("Caf\u{E9}", "Cafe\u{301}"), ("K", "\u{212A}"), ("o\u{302}\u{323}", "o\u{323}\u{302}"),
        (";", "\u{37E}"),
        (String(repeating: "x", count: 40) + "\u{E9}", String(repeating: "x", count: 40) + "e\u{301}"),
    ]

    /// As a generic caller sees them: what the conformance says, and not what the type's own operators do.
    private func areEqual<Value: Hashable>(_ left: Value, _ right: Value) -> Bool { left == right }
    private func differ<Value: Hashable>(_ left: Value, _ right: Value) -> Bool { left != right }

    private func check<Text: Name>(_ type: Text.Type, _ one: String, _ other: String) throws {
        #expect(one == other, "The strings of this test look alike.")
        let (left, right) = (Text(one), Text(other))
        #expect(left != right)
        #expect(!(left == right))
        #expect(!areEqual(left, right))
        #expect(differ(left, right))
        #expect(left == Text(String(decoding: Array(one.utf8), as: UTF8.self)))
        #expect(Set([left, right]).count == 2)
        #expect([left: 1, right: 2][right] == 2)
        #expect([left, right].firstIndex(of: right) == 1)
        #expect((left < right) != (right < left))
        #expect((left < right) == one.utf8.lexicographicallyPrecedes(other.utf8))
        #expect([left, right].sorted() == [right, left].sorted())
        let decoded = try JSONDecoder().decode([Text].self, from: JSONEncoder().encode([left, right]))
        #expect(decoded == [left, right])
    }

    @Test(arguments: twins)
    func namesAreEqualWhenTheirBytesAre(_ one: String, _ other: String) throws {
        try check(EventType.self, one, other)
        try check(AggregateType.self, one, other)
        try check(ContentType.self, one, other)
        try check(EventTag.self, one, other)
        try check(MetadataKey.self, one, other)
        // In the concrete types, where another operator could be chosen.
        #expect(EventType(one) != EventType(other))
        #expect(!(EventTag(one) == EventTag(other)))
        #expect(Set([ContentType(one), ContentType(other)]).count == 2)
        #expect(EventSchema(EventType(one), version: 1) != EventSchema(EventType(other), version: 1))
    }

    @Test(arguments: twins)
    func metadataIsEqualWhenItsBytesAre(_ one: String, _ other: String) {
        var metadata: EventMetadata = [one: "1", other: "2"]
        #expect(metadata.values.count == 2)
        #expect(metadata[one] == "1")
        #expect(metadata[other] == "2")
        metadata[one] = nil
        #expect(metadata == [other: "2"])
        #expect(EventMetadata([one: one]) != EventMetadata([one: other]))
        #expect(EventMetadata([one: "1"]) != EventMetadata([other: "1"]))
        #expect(Set<EventMetadata>([[one: one], [one: other], [other: one], [one: one]]).count == 3)
    }

    @Test(arguments: twins)
    func queriesAndEventsTellNamesApartByTheirBytes(_ one: String, _ other: String) throws {
        let id = AggregateID()
        func event(_ text: String) -> NewEvent {
            NewEvent(
                id: EventID(id.uuid), aggregateID: id, type: "A", tags: [EventTag(text)], payload: Data())
        }
        #expect(event(one) != event(other))
        let recorded = RecordedEvent(
            event(one), position: 1, version: 1, time: Timestamp(microsecondsSince1970: 0))
        #expect(recorded.hasSameBody(as: event(one)))
        #expect(!recorded.hasSameBody(as: event(other)))
        #expect(EventQuery(eventTypes: [EventType(one)]) != EventQuery(eventTypes: [EventType(other)]))
    }

    @Test func namesAreWrittenAsTheirText() {
        let number = 7
        let tags: [EventTag] = ["company:planet-express", "index:\(number)"]
        #expect(tags == [EventTag("company:planet-express"), EventTag("index:7")])
        #expect("\(tags[1])" == "index:7")
        let type: EventType = "Hired"
        #expect(type.rawValue == "Hired")
    }
}
