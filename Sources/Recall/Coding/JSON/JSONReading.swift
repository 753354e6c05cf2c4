// What a payload's `init(from:)` is given: two words, the table of the text and a place in it. Containers are the same two
// words, so that one which is kept beyond its call holds the text and reads what it would have read.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A place in a text, as a decoder.
struct JSONReading: Decoder {
    let document: JSONDocument
    let index: Int

    var codingPath: [any CodingKey] { document.path(to: index) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(try JSONKeyedReading(document, index))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { try JSONUnkeyedReading(document, index) }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

    /// The value that JSON text holds.
    static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
        try JSONDocument(data).decode(type, at: 0)
    }
}

extension JSONReading: SingleValueDecodingContainer {
    func decodeNil() -> Bool { document.isNull(index) }
    func decode(_ type: Bool.Type) throws -> Bool { try document.bool(index) }
    func decode(_ type: String.Type) throws -> String { try document.string(index) }
    func decode(_ type: Double.Type) throws -> Double { try document.floatingPoint(type, index) }
    func decode(_ type: Float.Type) throws -> Float { try document.floatingPoint(type, index) }
    func decode(_ type: Int.Type) throws -> Int { try document.integer(type, index) }
    func decode(_ type: Int8.Type) throws -> Int8 { try document.integer(type, index) }
    func decode(_ type: Int16.Type) throws -> Int16 { try document.integer(type, index) }
    func decode(_ type: Int32.Type) throws -> Int32 { try document.integer(type, index) }
    func decode(_ type: Int64.Type) throws -> Int64 { try document.integer(type, index) }
    func decode(_ type: Int128.Type) throws -> Int128 { try document.integer(type, index) }
    func decode(_ type: UInt.Type) throws -> UInt { try document.integer(type, index) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try document.integer(type, index) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try document.integer(type, index) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try document.integer(type, index) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try document.integer(type, index) }
    func decode(_ type: UInt128.Type) throws -> UInt128 { try document.integer(type, index) }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try document.decode(type, at: index) }
}
