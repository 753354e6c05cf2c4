// One domain in both styles of event enums: a crew whose facts are labelled cases, and the same crew whose facts are payload structs.
// They have the same stored names, so each must read what the other wrote.

import Foundation
import Recall

/// In one line each.
enum CrewEvent: Event, Equatable {
    case founded(name: String)
    case joined(memberID: AggregateID, name: String, rank: String?)
    case paid(Payment)
    case disbanded

    enum CodingKeys: String, CodingKey, CaseIterable {
        case founded = "CrewFounded"
        case joined = "MemberJoined"
        case paid = "CrewPaid"
        case disbanded = "CrewDisbanded"
    }

    static let schemaVersions: [CodingKeys: UInt32] = [.joined: 2]

    var tags: [EventTag] {
        switch self {
        case .joined(let id, _, _): ["member:\(id)"]
        default: []
        }
    }
}

/// A struct that is no `EventPayload`.
struct Payment: Codable, Sendable, Equatable {
    var amount: Decimal
    var at: Date
}

/// With a struct for each.
enum CrewFact: Event {
    struct Founded: EventPayload {
        static let eventType: EventType = "CrewFounded"
        var name: String
    }
    struct Joined: EventPayload {
        static let eventType: EventType = "MemberJoined"
        static let schemaVersion: UInt32 = 2
        var memberID: AggregateID
        var name: String
        var rank: String?
        var tags: [EventTag] { ["member:\(memberID)"] }
    }
    struct Paid: EventPayload {
        static let eventType: EventType = "CrewPaid"
        var amount: Decimal
        var at: Date
    }
    struct Disbanded: EventPayload { static let eventType: EventType = "CrewDisbanded" }

    case founded(Founded)
    case joined(Joined)
    case paid(Paid)
    case disbanded(Disbanded)

    var payload: any EventPayload {
        switch self {
        case .founded(let payload): payload
        case .joined(let payload): payload
        case .paid(let payload): payload
        case .disbanded(let payload): payload
        }
    }

    static let cases = [
        EventCase(Self.founded), EventCase(Self.joined), EventCase(Self.paid), EventCase(Self.disbanded),
    ]
}

/// What both crews become.
struct CrewState: Codable, Sendable, Equatable {
    var name = ""
    var members: [String] = []
    var paid: Decimal = 0
    var isDisbanded = false
}

struct Crew: AggregateRoot {
    static let aggregateType: AggregateType = "Crew"
    var lifecycle: EntityLifecycle
    var state = CrewState()

    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }

    mutating func apply(_ event: CrewEvent) {
        switch event {
        case .founded(let name): state.name = name
        case .joined(_, let name, let rank): state.members.append("\(name), \(rank ?? "none")")
        case .paid(let payment): state.paid += payment.amount
        case .disbanded: state.isDisbanded = true
        }
    }
}

struct CrewOfStructs: AggregateRoot {
    static let aggregateType: AggregateType = "Crew"
    var lifecycle: EntityLifecycle
    var state = CrewState()

    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }

    mutating func apply(_ event: CrewFact) {
        switch event {
        case .founded(let founded): state.name = founded.name
        case .joined(let joined): state.members.append("\(joined.name), \(joined.rank ?? "none")")
        case .paid(let paid): state.paid += paid.amount
        case .disbanded: state.isDisbanded = true
        }
    }
}

/// Foundation's JSON, as somebody's own codec would have it.
struct FoundationJSONCodec: EventCodec {
    var contentType: ContentType { .json }

    func encode<Payload: EventPayload>(_ payload: Payload) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        encoder.dateEncodingStrategy = .millisecondsSince1970
        return try encoder.encode(payload)
    }

    func decode<Payload: EventPayload>(_ type: Payload.Type, from data: Data) throws -> Payload {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .millisecondsSince1970
        return try decoder.decode(type, from: data)
    }
}

/// Property lists, which are no JSON at all.
struct PropertyListCodec: EventCodec {
    var contentType: ContentType { "application/x-plist" }

    func encode<Payload: EventPayload>(_ payload: Payload) throws -> Data {
        let encoder = PropertyListEncoder()
        encoder.outputFormat = .binary
        return try encoder.encode(payload)
    }

    func decode<Payload: EventPayload>(_ type: Payload.Type, from data: Data) throws -> Payload {
        try PropertyListDecoder().decode(type, from: data)
    }
}

/// The codecs that events are tried with.
enum TriedCodec: CaseIterable {
    case json, foundationJSON, propertyList

    var codec: any EventCodec {
        switch self {
        case .json: JSONEventCodec()
        case .foundationJSON: FoundationJSONCodec()
        case .propertyList: PropertyListCodec()
        }
    }
}
