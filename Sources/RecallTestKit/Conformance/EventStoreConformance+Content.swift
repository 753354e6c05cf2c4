// A store gives back what it was given, byte for byte: sizes, texts of every kind, and times.

internal import Recall

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension EventStoreConformance {
    static let contentCases: [Case] =
        payloads.map { name, payload in
            Case("a payload comes back as it was: \(name)") { session in
                var event = Sample.event()
                event.contentType = .binary
                event.payload = payload
                try await roundTrip([Sample.event(), event, Sample.event()], in: session.store)
            }
        }
        + texts.map { name, text in
            Case("text comes back as it was: \(name)") { session in
                let event = NewEvent(
                    aggregateID: Sample.company, aggregateType: AggregateType(text), type: EventType(text),
                    contentType: ContentType(text), metadata: [text: text, "correlationId": text],
                    tags: [EventTag(text), "\(text):\(text)"], payload: Data(text.utf8))
                try await roundTrip([event, Sample.event(to: Sample.account)], in: session.store)
                let byType = try await session.store.readToEnd(EventQuery(eventTypes: [EventType(text)]))
                try expectEqual(
                    byType.map(\.id), [event.id], "Reading by the event type \(text.debugDescription)")
                let byAggregate = try await session.store.readToEnd(
                    EventQuery(aggregateTypes: [AggregateType(text)]))
                try expectEqual(
                    byAggregate.map(\.id), [event.id],
                    "Reading by the aggregate type \(text.debugDescription)")
            }
        } + fieldCases + timeCases

    /// Appends events in one commit, reads them back and compares every field, bytes of text included.
    static func roundTrip(_ events: [NewEvent], in store: any EventStore) async throws {
        var model = ReferenceModel()
        try await model.append(Commit(events: events), comparing: store)
        try await model.compare(with: store)
        // Strings are equal that differ in their bytes. Names are not, and this is what says so: of each the bytes.
        for (found, event) in zip(try await store.readToEnd(EventQuery()), events) {
            try expectEqual(
                Array(found.type.rawValue.utf8), Array(event.type.rawValue.utf8), "The bytes of the type")
            try expectEqual(
                found.tags.map { Array($0.rawValue.utf8) }, event.tags.map { Array($0.rawValue.utf8) },
                "The bytes of the tags")
            let bytes = { (metadata: EventMetadata) in
                Dictionary(
                    metadata.values.map { (Array($0.key.rawValue.utf8), Array($0.value.utf8)) },
                    uniquingKeysWith: { _, last in last })
            }
            try expectEqual(bytes(found.metadata), bytes(event.metadata), "The bytes of the metadata")
        }
    }

    private static let payloads: [(String, Data)] = {
        var generator = SeededGenerator(seed: 11)
        let noise = Data((0 ..< 5_000_000).map { _ in UInt8.random(in: 0 ... 255, using: &generator) })
        return [
            ("no bytes", Data()),
            ("one zero byte", Data([0])),
            ("all 256 values of a byte", Data(0 ... 255)),
            ("all values of two bytes", Data((0 ... 65_535).flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] })),
            ("bytes that are no text", Data([0xFF, 0xFE, 0xC3, 0x28, 0x00, 0xED, 0xA0, 0x80])),
            ("line ends", Data("\r\n\n\r\u{85}\u{2028}".utf8)),
            ("4 MiB of zeros", Data(count: 4 << 20)),
            ("5 MB of noise", noise),
            // Data that is a part of other data has indices that do not begin at 0.
            ("a slice of other data", noise[1_000 ..< 3_000]),
        ]
    }()

    private static let texts: [(String, String)] = [
        ("umlauts and accents", "Größe café naïve"),
        ("combining characters", "e\u{301}a\u{308}o\u{302}\u{323}"),
        ("precomposed characters", "\u{E9}\u{E4}\u{1ED9}"),
        ("emoji with joiners", "👩‍🚀👨‍👩‍👧‍👦🏴‍☠️🇩🇪👍🏽"),
        ("NUL between letters", "a\u{0}b"),
        ("right to left", "مرحبا שלום \u{202E}abc\u{202C}"),
        ("beyond the basic plane", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𠜎"),
        ("quotes and escapes", "\"\\/'`$(x){}[]%s\t\u{7F}"),
        ("spaces at the ends", "  a  "),
        ("byte order mark", "\u{FEFF}a"),
        ("replacement character", "\u{FFFD}"),
        ("line ends", "a\r\nb\nc\r"),
    ]

    private static let fieldCases: [Case] = [
        Case("metadata and tags come back as they were") { session in
            var event = Sample.event()
            event.metadata = [
                "": "", "empty": "", "b": "2", "a": "1", "correlationId": "c", "causationId": "d",
            ]
            event.tags = ["b", "a", "", "b", "a"]
            try await roundTrip([event], in: session.store)
        },
        Case("an empty aggregate type and content type come back empty") { session in
            var event = Sample.event()
            event.aggregateType = ""
            event.contentType = ""
            try await roundTrip([event], in: session.store)
        },
        Case("the schema version comes back as it was") { session in
            let events = [1, 2, 255, 65_536, UInt32.max].map { version in
                var event = Sample.event()
                event.schemaVersion = version
                return event
            }
            try await roundTrip(events, in: session.store)
        },
        Case("identities come back as they were") { session in
            let events = [(UInt64.max, UInt64.max), (0, 0), (1, 1 << 63), (0x0102, 0x0304)].map {
                root, entity in
                Sample.event(
                    to: AggregateID(number: entity), root: AggregateID(number: root),
                    id: EventID(number: entity))
            }
            try await roundTrip(events, in: session.store)
        },
    ]

    private static let timeCases: [Case] = [
        Case("a time that is given is kept") { session in
            let moments =
                [0, 1, -1, -62_135_596_800_000_000, 253_402_300_799_999_999, 1_764_000_000_123_456] as [Int64]
            let events = moments.map { Sample.event(time: Timestamp(microsecondsSince1970: $0)) }
            try await roundTrip(events, in: session.store)
        },
        Case("an event without a time gets the moment of its commit") { session in
            for _ in 0 ..< 5 {
                _ = try await session.store.append(Commit(Sample.events(2), to: Sample.company))
            }
            let times = try await session.store.readToEnd(EventQuery()).map(\.time)
            try expect(
                times == times.sorted(),
                "The times of commits one after the other: expected them not to fall, found \(times.map(\.microsecondsSince1970))."
            )
            // 2020-01-01: any clock that is set is past it, and one that counts from 1970 in another
            // unit is not.
            try expect(
                times.allSatisfy { $0.microsecondsSince1970 > 1_577_836_800_000_000 },
                "The moment of a commit: expected the present in microseconds since 1970, found \(times.map(\.microsecondsSince1970))."
            )
            for index in stride(from: 0, to: times.count - 1, by: 2) {
                try expectEqual(times[index + 1], times[index], "The time of the second event of a commit")
            }
        },
    ]
}
