// Payloads as JSON, so that a log can be read without the program that wrote it.
//
// Keys are sorted by their bytes, so the same payload always gives the same bytes and repeating an append is known for what it
// is. Nothing is lost: an event that is replayed must say exactly what it said when it happened. docs/json.md says what each
// type becomes.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Payloads as JSON with sorted keys.
public struct JSONEventCodec: EventCodec {
    /// The one form of JSON that is stored.
    public init() {}

    /// Always `application/json`.
    public var contentType: ContentType { .json }

    /// The payload as one line of UTF-8 JSON with sorted keys, so that the same payload gives the same bytes.
    /// - Throws: `EncodingError` for a number that is not finite; what the payload's own encoding throws.
    public func encode<Payload: EventPayload>(_ payload: Payload) throws -> Data {
        try StoredJSON.encode(payload)
    }

    /// The payload that JSON text holds. Keys that the type does not ask for are passed over.
    /// - Throws: `DecodingError`, where the bytes are not JSON or lack what the type needs.
    public func decode<Payload: EventPayload>(_ type: Payload.Type, from data: Data) throws -> Payload {
        try StoredJSON.decode(type, from: data)
    }
}
