// How payloads become bytes. One for a store's lifetime: what it wrote, it must read forever.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Turns payloads into bytes and back.
public protocol EventCodec: Sendable {
    /// What the bytes are; stored with each event.
    var contentType: ContentType { get }

    /// The bytes of a payload; the same for the same payload, so that a repeated append is known for one.
    /// - Throws: any error, for a payload that the encoding cannot express.
    func encode<Payload: EventPayload>(_ payload: Payload) throws -> Data

    /// The payload that the bytes hold.
    /// - Throws: any error, for bytes that are not one of this type.
    func decode<Payload: EventPayload>(_ type: Payload.Type, from data: Data) throws -> Payload
}
