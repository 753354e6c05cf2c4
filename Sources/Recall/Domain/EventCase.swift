// One case of an event enum: the name and schema version it is stored under, and the way back.
// All of it follows from the case's constructor, so a name cannot be paired with the wrong payload.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Ties a case of an event enum to the payload that it holds.
public struct EventCase<Fact: Event>: Sendable {
    /// The name under which the case is stored.
    public let type: EventType
    /// The schema version that the payload's Swift type has now.
    public let schemaVersion: UInt32

    let payloadType: ObjectIdentifier
    let decode: @Sendable (any EventCodec, Data) throws -> Fact

    /// - Parameter make: the case itself: `EventCase(Self.founded)`.
    public init<Payload: EventPayload>(_ make: @escaping @Sendable (Payload) -> Fact) {
        type = Payload.eventType
        schemaVersion = Payload.schemaVersion
        payloadType = ObjectIdentifier(Payload.self)
        decode = { codec, data in make(try codec.decode(Payload.self, from: data)) }
    }
}
