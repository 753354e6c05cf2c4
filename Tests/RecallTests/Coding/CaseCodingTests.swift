// Events in one line: what is stored of a case, and the way back. The bytes are those of a payload struct with the same fields, with
// whatever codec, so that a store written in one style is read in the other.

import Foundation
import Testing

@testable import Recall

/// Every form that the values of a case can have.
enum FormEvent: Event, Equatable {
    struct Object: Codable, Sendable, Equatable {
        var name: String
        var number: Int?
    }
    /// One that has the key that values without a label are given.
    struct Zero: Codable, Sendable, Equatable { var _0: Int }
    struct Nothing: Codable, Sendable, Equatable {}
    /// One that stands for another value.
    struct Wrapper<Value: Codable & Sendable & Equatable>: Codable, Sendable, Equatable {
        var value: Value
        init(_ value: Value) { self.value = value }
        init(from decoder: any Decoder) throws {
            value = try decoder.singleValueContainer().decode(Value.self)
        }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(value)
        }
    }
    enum Choice: Codable, Sendable, Equatable { case left(Int), right(label: String) }

    case labelled(name: String, number: Int?)
    case empty
    case object(Object)
    case zero(Zero)
    case nothing(Nothing)
    case optional(Object?)
    case choice(Choice)
    case number(Int)
    case large(Int128)
    case text(String)
    case id(AggregateID)
    case numbers([Int])
    case table([String: Int])
    case date(Date)
    case decimal(Decimal)
    case data(Data)
    case uuid(UUID)
    case url(URL)
    case wrappedObject(Wrapper<Object>)
    case wrappedNumber(Wrapper<Int>)
    case wrappedDate(Wrapper<Date>)

    enum CodingKeys: String, CodingKey, CaseIterable {
        case labelled = "Labelled", empty = "Empty", object = "Object", zero = "Zero", nothing = "Nothing"
        case optional = "Optional", choice = "Choice", number = "Number", large = "Large", text = "Text"
        case id = "ID", numbers = "Numbers", table = "Table", date = "Date", decimal = "Decimal", data =
            "Data"
        case uuid = "UUID", url = "URL", wrappedObject = "WrappedObject", wrappedNumber = "WrappedNumber"
        case wrappedDate = "WrappedDate"
    }
}

/// What the compiler accepts and a store must not.
enum FaultyEvent: Event {
    /// Has the name of another payload, and another version.
    struct Payload: EventPayload {
        static let eventType: EventType = "Other"
        var tags: [EventTag] { ["of:payload"] }
    }
    struct Versioned: EventPayload {
        static let eventType: EventType = "Versioned"
        static let schemaVersion: UInt32 = 2
    }
    struct Right: EventPayload {
        static let eventType: EventType = "Right"
        var tags: [EventTag] { ["of:payload", "of:event"] }
    }
    /// Is an object and a value in one.
    struct TwoWays: Codable, Sendable {
        enum Plain: String, CodingKey { case a }
        enum Zero: String, CodingKey { case _0 }
        func encode(to encoder: any Encoder) throws {
            var first = encoder.container(keyedBy: Plain.self)
            try first.encode(1, forKey: .a)
            var second = encoder.container(keyedBy: Zero.self)
            try second.encode(1, forKey: ._0)
        }
    }

    case missing(name: String)
    case missingWithoutValues
    case besideLabelled(FormEvent.Object, note: String)
    case besideOptional(FormEvent.Object, note: String?)
    case besideOther(Int, Int)
    case payload(Payload)
    case versioned(Versioned)
    case right(Right)
    case twoWays(TwoWays)
    case number(value: Double)

    enum CodingKeys: String, CodingKey, CaseIterable {
        case besideLabelled, besideOptional, besideOther, payload, versioned
        case right = "Right"
        case twoWays, number
    }

    var tags: [EventTag] { ["of:event"] }
}

/// Names that look alike and are not the same.
enum ComposedEvent: Event, Equatable {
    case composed
    enum CodingKeys: String, CodingKey, CaseIterable { case composed = "Caf\u{E9}" }
}

struct CaseCodingTests {
    static let object = FormEvent.Object(name: "Fry", number: nil)
    static let date = Date(timeIntervalSince1970: 1_000_000.5)
    static let id = UUID(uuid: (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15))

    /// Each form with the JSON that is stored of it.
    static let forms: [(FormEvent, String)] = [
        (.labelled(name: "Fry", number: 1), #"{"name":"Fry","number":1}"#),
        (.labelled(name: "Fry", number: nil), #"{"name":"Fry"}"#),
        (.empty, "{}"),
        (.object(object), #"{"name":"Fry"}"#),
        (.zero(FormEvent.Zero(_0: 7)), #"{"_0":{"_0":7}}"#),
        (.nothing(FormEvent.Nothing()), "{}"),
        (.optional(object), #"{"_0":{"name":"Fry"}}"#),
        (.optional(nil), "{}"),
        (.choice(.left(3)), #"{"left":{"_0":3}}"#),
        (.choice(.right(label: "x")), #"{"right":{"label":"x"}}"#),
        (.number(5), #"{"_0":5}"#),
        (.text("x"), #"{"_0":"x"}"#),
        (.id(AggregateID(id)), #"{"_0":"00010203-0405-0607-0809-0a0b0c0d0e0f"}"#),
        (.numbers([1, 2]), #"{"_0":[1,2]}"#),
        (.numbers([]), #"{"_0":[]}"#),
        (.table(["a": 1]), #"{"_0":{"a":1}}"#),
        (.date(date), #"{"_0":"1970-01-12T13:46:40.5Z"}"#),
        (.decimal(Decimal(string: "1.10")!), #"{"_0":1.1}"#),
        (.data(Data([1, 2])), #"{"_0":"AQI="}"#),
        (.uuid(id), #"{"_0":"00010203-0405-0607-0809-0a0b0c0d0e0f"}"#),
        (.url(URL(string: "https://planet.express")!), #"{"_0":"https://planet.express"}"#),
        (.wrappedObject(FormEvent.Wrapper(object)), #"{"name":"Fry"}"#),
        (.wrappedNumber(FormEvent.Wrapper(3)), #"{"_0":3}"#),
        (.wrappedDate(FormEvent.Wrapper(date)), #"{"_0":"1970-01-12T13:46:40.5Z"}"#),
    ]

    func recorded(_ type: EventType, _ version: UInt32 = 1, _ payload: Data) -> RecordedEvent {
        RecordedEvent(
            NewEvent(aggregateID: AggregateID(), type: type, schemaVersion: version, payload: payload),
            position: 7, version: 1, time: Timestamp(microsecondsSince1970: 0))
    }

    func recorded(_ encoded: EncodedEvent) -> RecordedEvent {
        recorded(encoded.schema.type, encoded.schema.version, encoded.bytes)
    }

    @Test(arguments: TriedCodec.allCases)
    func everyFormComesBackWithEveryCodec(_ tried: TriedCodec) throws {
        let coder = EventCoder(codec: tried.codec)
        for (event, json) in Self.forms {
            let encoded = try coder.encoded(event, of: "a test")
            let decoded = try coder.decode(recorded(encoded), as: FormEvent.self)
            #expect(decoded == event)
            if tried == .json { #expect(String(decoding: encoded.bytes, as: UTF8.self) == json) }
        }
        if tried == .json {
            let large = FormEvent.large(.max)
            let encoded = try coder.encoded(large, of: "a test")
            #expect(String(decoding: encoded.bytes, as: UTF8.self) == #"{"_0":\#(Int128.max)}"#)
            #expect(try coder.decode(recorded(encoded), as: FormEvent.self) == large)
        }
    }

    /// The own codec has a way without a payload between; another that gives the same bytes must say the same.
    @Test func wayOfTheOwnCodecIsThatOfAnyOther() throws {
        struct Passing: EventCodec {
            var contentType: ContentType { .json }
            func encode<Payload: EventPayload>(_ payload: Payload) throws -> Data {
                try JSONEventCodec().encode(payload)
            }
            func decode<Payload: EventPayload>(_ type: Payload.Type, from data: Data) throws -> Payload {
                try JSONEventCodec().decode(type, from: data)
            }
        }
        for (event, json) in Self.forms {
            let encoded = try EventCoder(codec: Passing()).encoded(event, of: "a test")
            #expect(String(decoding: encoded.bytes, as: UTF8.self) == json)
            #expect(try EventCoder(codec: Passing()).decode(recorded(encoded), as: FormEvent.self) == event)
        }
    }

    /// What structs wrote that are no objects is read, too.
    @Test func valueThatIsThePayloadItselfIsRead() throws {
        for (type, json, event) in [
            ("Number", "5", .number(5)), ("Text", #""x""#, .text("x")), ("Numbers", "[1]", .numbers([1])),
            ("WrappedNumber", "3", .wrappedNumber(FormEvent.Wrapper(3))),
        ] as [(EventType, String, FormEvent)] {
            #expect(try EventCoder().decode(recorded(type, 1, Data(json.utf8))) == event)
        }
    }

    @Test func valueThatIsAddedLaterIsNilInOlderEvents() throws {
        let older = recorded("Labelled", 1, Data(#"{"name":"Fry","gone":[1]}"#.utf8))
        #expect(try EventCoder().decode(older) == FormEvent.labelled(name: "Fry", number: nil))
    }

    @Test(
        arguments: [
            ("Labelled", "{}", #"The key "name" is missing"#),
            ("Labelled", "7", "an object"),
            ("Labelled", "nonsense", "no JSON"),
            ("Object", "{}", #"The key "name" is missing"#),
            ("Zero", "{}", #"The key "_0" is missing"#),
            ("Date", "{}", #"The key "_0" is missing"#),
            ("Date", "7", "an object"),
            ("Optional", "7", "an object"),
        ] as [(EventType, String, String)])
    func payloadThatDoesNotFitSaysWhy(type: EventType, json: String, reason: String) {
        #expect {
            _ = try EventCoder().decode(recorded(type, 1, Data(json.utf8)), as: FormEvent.self)
        } throws: { error in
            guard let error = error as? EventCodingError else { return false }
            return error.code == .undecodable && error.message.contains(reason) && error.position == 7
                && error.schema == EventSchema(type, version: 1)
        }
    }

    func refusal(_ event: FaultyEvent) -> EventCodingError? {
        do throws(EventCodingError) {
            _ = try EventCoder().encoded(event, of: "Faulty 1")
            return nil
        } catch {
            return error
        }
    }

    @Test func whatTheCompilerDoesNotFindIsRefused() {
        for (event, code, reason) in [
            (.missing(name: "secret"), .unregistered, "The case missing of FaultyEvent has no key"),
            (.missingWithoutValues, .unregistered, "The case missingWithoutValues of FaultyEvent has no key"),
            (.besideLabelled(Self.object, note: "x"), .unencodable, "give each of them one"),
            (.besideOptional(Self.object, note: nil), .unencodable, "give each of them one"),
            (.besideOther(1, 2), .unencodable, "give each of them one"),
            (.payload(FaultyEvent.Payload()), .unencodable, #"stored as "Other" (schema version 1)"#),
            (.versioned(FaultyEvent.Versioned()), .unencodable, #"stored as "Versioned" (schema version 2)"#),
            (.twoWays(FaultyEvent.TwoWays()), .unencodable, "in two ways"),
            (.number(value: .nan), .unencodable, "not finite, at value"),
        ] as [(FaultyEvent, EventCodingError.Code, String)] {
            let refusal = refusal(event)
            #expect(refusal?.code == code)
            #expect(refusal?.message.contains(reason) == true, "\(refusal?.message ?? "stored")")
            #expect(refusal?.message.contains("nothing was written") == true)
            #expect(refusal?.message.contains("secret") == false)
        }
    }

    @Test func tagsAreThoseOfTheEventAndOfItsPayload() throws {
        let encoded = try EventCoder().encoded(FaultyEvent.right(FaultyEvent.Right()), of: "a test")
        #expect(encoded.tags == ["of:event", "of:payload"])
    }

    /// A name is its bytes, and Swift's strings are equal when they look the same.
    @Test func nameThatOnlyLooksAlikeIsAnother() throws {
        let coder = EventCoder()
        #expect(try coder.decode(recorded("Caf\u{E9}", 1, Data("{}".utf8))) == ComposedEvent.composed)
        #expect {
            _ = try coder.decode(recorded("Cafe\u{301}", 1, Data("{}".utf8)), as: ComposedEvent.self)
        } throws: { ($0 as? EventCodingError)?.code == .unknownEvent }
    }

    @Test func upcastersLeadToCases() throws {
        let coder = EventCoder(upcasters: [
            Upcaster(from: "MemberJoined", schemaVersion: 1) { $0["rank"] = "cook" },
            Upcaster(from: "Enlisted", schemaVersion: 1, to: "MemberJoined"),
        ])
        let id = AggregateID(Self.id)
        let json = Data(#"{"memberID":"\#(id)","name":"Fry"}"#.utf8)
        for type in ["MemberJoined", "Enlisted"] as [EventType] {
            #expect(
                try coder.decode(recorded(type, 1, json))
                    == CrewEvent.joined(memberID: id, name: "Fry", rank: "cook"))
        }
        for (type, version, remedy) in [
            ("MemberJoined", 3, "use the newer program"), ("CrewFounded", 0, "leads to version 1"),
            ("Sunk", 1, "its name to the CodingKeys"),
        ] as [(EventType, UInt32, String)] {
            #expect { _ = try coder.decode(recorded(type, version, json), as: CrewEvent.self) } throws: {
                error in
                guard let error = error as? EventCodingError else { return false }
                return error.code == .unknownEvent && error.message.contains(remedy)
            }
        }
    }

    /// An event by itself, outside of a store, is an object with its name.
    @Test func eventsOfBothStylesEncodeThemselvesAlike() throws {
        let id = AggregateID(Self.id)
        let line = CrewEvent.joined(memberID: id, name: "Fry", rank: nil)
        let fact = CrewFact.joined(CrewFact.Joined(memberID: id, name: "Fry", rank: nil))
        let bytes = try StoredJSON.encode(line)
        #expect(
            String(decoding: bytes, as: UTF8.self) == #"{"MemberJoined":{"memberID":"\#(id)","name":"Fry"}}"#)
        #expect(try StoredJSON.encode(fact) == bytes)
        #expect(try StoredJSON.decode(CrewEvent.self, from: bytes) == line)
        let back = try StoredJSON.decode(CrewFact.self, from: bytes)
        #expect((back.payload as? CrewFact.Joined)?.name == "Fry")
        for faulty in ["{}", #"{"Sunk":{}}"#, #"{"CrewDisbanded":{},"CrewFounded":{}}"#] {
            #expect(throws: DecodingError.self) {
                try StoredJSON.decode(CrewFact.self, from: Data(faulty.utf8))
            }
        }
    }
}
