// One case of an event enum: the name and schema version it is stored under, and the way back.
// All of it follows from the case's constructor, or from its key, so a name cannot be paired with the wrong payload.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Ties a case of an event enum to what is stored of it.
public struct EventCase<Fact: Event>: Sendable {
    /// The name under which the case is stored.
    public let type: EventType
    /// The schema version that the case has now.
    public let schemaVersion: UInt32

    /// The type of the payload that the case holds; nil where a key names the case.
    let payloadType: ObjectIdentifier?
    let decode: @Sendable (any EventCodec, Data) throws -> Fact
    /// The case from the payload that a decoder holds.
    let read: @Sendable (any Decoder) throws -> Fact

    /// - Parameter make: the case itself: `EventCase(Self.founded)`.
    public init<Payload: EventPayload>(_ make: @escaping @Sendable (Payload) -> Fact) {
        type = Payload.eventType
        schemaVersion = Payload.schemaVersion
        payloadType = ObjectIdentifier(Payload.self)
        decode = { codec, data in make(try codec.decode(Payload.self, from: data)) }
        read = { make(try Payload(from: $0)) }
    }

    /// The case that a key names.
    init(key: Fact.CodingKeys) {
        let schema = Fact.schema(of: key)
        type = schema.type
        schemaVersion = schema.version
        payloadType = nil
        decode = { codec, data in try CasePayload<Fact>.decode(key, with: codec, from: data) }
        read = { try Fact(from: CaseReading(key: key, payload: $0)) }
    }
}
