// Payloads to bytes and back, over every schema that they ever had.

import Foundation
import Recall
import Testing

struct Hired: EventPayload, Equatable {
    static let eventType: EventType = "Hired"
    static let schemaVersion: UInt32 = 3
    var name: String
    var title: String
}

enum HiringEvent: Event {
    case hired(Hired)

    var payload: any EventPayload {
        switch self {
        case .hired(let payload): payload
        }
    }

    static let cases = [EventCase(Self.hired)]
}

struct EventCoderTests {
    static let chain: Upcasters = [
        Upcaster(from: "Employed", schemaVersion: 1, to: "Hired") { $0["fullName"] = $0["who"] },
        Upcaster(from: "Hired", schemaVersion: 1) { payload in
            payload["name"] = payload["fullName"]
            payload["fullName"] = nil
        },
        Upcaster(from: "Hired", schemaVersion: 2) { $0["title"] = $0["title"] ?? "Intern" },
    ]

    func stored(_ type: EventType, _ version: UInt32, _ json: String) -> RecordedEvent {
        RecordedEvent(
            NewEvent(
                aggregateID: AggregateID(), type: type, schemaVersion: version, payload: Data(json.utf8)),
            position: 77, version: 1, time: Timestamp(microsecondsSince1970: 0))
    }

    func failure(_ coder: EventCoder, _ event: RecordedEvent) -> EventCodingError? {
        do throws(EventCodingError) {
            _ = try coder.decode(event, as: HiringEvent.self)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        arguments: [
            ("Hired", 3, #"{"name":"Fry","title":"Boy"}"#, "Boy"),
            ("Hired", 2, #"{"name":"Fry"}"#, "Intern"),
            ("Hired", 2, #"{"name":"Fry","title":"Cook"}"#, "Cook"),
            ("Hired", 1, #"{"fullName":"Fry"}"#, "Intern"),
            ("Employed", 1, #"{"who":"Fry"}"#, "Intern"),
        ] as [(EventType, UInt32, String, String)])
    func everyStoredSchemaIsRead(type: EventType, version: UInt32, json: String, title: String) throws {
        let coder = EventCoder(upcasters: Self.chain)
        let event = stored(type, version, json)
        guard case .hired(let hired) = try coder.decode(event, as: HiringEvent.self) else { return }
        #expect(hired == Hired(name: "Fry", title: title))
        #expect(try coder.decode(event, payload: Hired.self) == hired)
    }

    @Test func unknownEventNamesItselfItsPlaceAndTheRemedy() throws {
        let error = try #require(failure(EventCoder(), stored("Exploded", 4, "{}")))
        #expect(error.code == .unknownEvent && error.position == 77)
        #expect(error.schema == EventSchema("Exploded", version: 4))
        for part in ["\"Exploded\"", "schema version 4", "position 77", "HiringEvent.cases", "upcaster"] {
            #expect(error.message.contains(part), "\(part) in \(error.message)")
        }
    }

    @Test func missingLinkOfAChainIsNamed() throws {
        let gap: Upcasters = [Upcaster(from: "Hired", schemaVersion: 1)]
        let error = try #require(failure(EventCoder(upcasters: gap), stored("Hired", 1, "{}")))
        #expect(error.code == .unknownEvent)
        #expect(error.message.contains("upcaster from \"Hired\" (schema version 2) that leads to version 3"))
    }

    @Test func eventOfANewerProgramIsNamedAsSuch() throws {
        let error = try #require(failure(EventCoder(), stored("Hired", 4, "{}")))
        #expect(error.code == .unknownEvent && error.message.contains("newer program"))
    }

    @Test func chainThatRunsInACircleEnds() throws {
        let circle: Upcasters = [
            Upcaster(from: "A", schemaVersion: 1, to: "B"), Upcaster(from: "B", schemaVersion: 1, to: "A"),
        ]
        let error = try #require(failure(EventCoder(upcasters: circle), stored("A", 1, "{}")))
        #expect(error.message.contains("circle"))
    }

    @Test(arguments: [#"{"name":1}"#, "", "nonsense", #"{"title":"x"}"#])
    func payloadThatDoesNotFitIsUndecodable(json: String) throws {
        let error = try #require(failure(EventCoder(), stored("Hired", 3, json)))
        #expect(error.code == .undecodable && error.cause != nil && error.message.contains("position 77"))
    }

    @Test func upcasterThatFailsIsNamed() throws {
        struct Wrong: Error {}
        let failing: Upcasters = [Upcaster(from: "Hired", schemaVersion: 2) { _ in throw Wrong() }]
        let error = try #require(failure(EventCoder(upcasters: failing), stored("Hired", 2, "{}")))
        #expect(error.code == .undecodable && error.cause is Wrong)
    }

    @Test func samePayloadGivesTheSameBytes() throws {
        let coder = EventCoder()
        let data = try coder.encode(Hired(name: "a/b", title: "ü"))
        #expect(String(decoding: data, as: UTF8.self) == #"{"name":"a/b","title":"ü"}"#)
    }

    @Test func keysAreSorted() throws {
        struct Counted: EventPayload {
            static let eventType: EventType = "Counted"
            var counts: [String: Int]
        }
        let names = "abcdefghij".map { String($0) }
        let data = try EventCoder().encode(
            Counted(counts: Dictionary(uniqueKeysWithValues: names.map { ($0, 1) })))
        let sorted = names.map { "\"\($0)\":1" }.joined(separator: ",")
        #expect(String(decoding: data, as: UTF8.self) == "{\"counts\":{\(sorted)}}")
    }

    @Test func dateComesBackExactly() throws {
        struct Dated: EventPayload, Equatable {
            static let eventType: EventType = "Dated"
            var date: Date
        }
        for seconds in [0.1, 815_000_000.123_456_7, -1e-9, 1 / 3.0] {
            let dated = Dated(date: Date(timeIntervalSinceReferenceDate: seconds))
            let codec = JSONEventCodec()
            #expect(try codec.decode(Dated.self, from: codec.encode(dated)) == dated)
        }
    }

    @Test func payloadThatCannotBeExpressedIsRefused() {
        struct Measured: EventPayload {
            static let eventType: EventType = "Measured"
            var value: Double
        }
        #expect { try EventCoder().encode(Measured(value: .nan)) } throws: {
            ($0 as? EventCodingError)?.code == .unencodable
        }
    }

    @Test(arguments: [
        "null", "true", "0", "-1", "9223372036854775807", "18446744073709551615", "1.5", #""text""#,
        #"[1,"a",null,[]]"#, #"{"a":{"b":[false]}}"#,
    ])
    func jsonValueKeepsWhatItReads(json: String) throws {
        let value = try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8))
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(try String(decoding: encoder.encode(value), as: UTF8.self) == json)
    }
}
