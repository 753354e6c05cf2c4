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

    func encode<Payload: EventPayload>(_ payload: Payload) throws -> Data

    func decode<Payload: EventPayload>(_ type: Payload.Type, from data: Data) throws -> Payload
}
