// The one form of JSON that Recall stores, in events and in snapshots, and reads back. docs/json.md says what it is.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The coders of stored JSON.
enum StoredJSON {
    /// The bytes of a value: the same for the same value, wherever it has an order of its own.
    /// - Throws: `EncodingError` for what JSON cannot express; what the value's own encoding throws.
    static func encode(_ value: some Encodable) throws -> Data { try JSONOutput.encode(value) }

    /// The value that JSON text holds.
    /// - Throws: `DecodingError`; what the type's own decoding throws.
    static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
        try JSONReading.decode(type, from: data)
    }

    /// JSON text as a decoder.
    /// - Throws: `DecodingError` where it is none.
    static func reading(_ data: Data) throws -> any Decoder {
        JSONReading(document: try JSONDocument(data), index: 0)
    }
}
