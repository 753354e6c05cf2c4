// The elements of an array, one after the other.

/// An array of a text, as a container.
struct JSONUnkeyedReading: UnkeyedDecodingContainer {
    private let document: JSONDocument
    private let array: Int
    /// The token of the next element.
    private var place: Int
    private(set) var currentIndex = 0

    /// - Throws: `DecodingError` where the value is no array.
    init(_ document: JSONDocument, _ index: Int) throws {
        guard document.tokens[index].kind == .array else {
            throw document.mismatch([JSONValue].self, index, expected: "an array")
        }
        self.document = document
        array = index
        place = index + 1
    }

    var codingPath: [any CodingKey] { document.path(to: array) }
    var count: Int? { document.tokens[array].count }
    var isAtEnd: Bool { currentIndex >= document.tokens[array].count }

    /// What the next element is read as; it stays the next where that fails.
    private mutating func next<Value>(_ type: Value.Type, _ read: (Int) throws -> Value) throws -> Value {
        if isAtEnd { throw end(before: type) }
        let value = try read(place)
        place = document.tokens[place].next
        currentIndex += 1
        return value
    }

    private func end(before type: any Any.Type) -> DecodingError {
        .valueNotFound(
            type,
            DecodingError.Context(
                codingPath: codingPath + [JSONPathKey(currentIndex)],
                debugDescription: "The array ends before this element"))
    }

    mutating func decodeNil() throws -> Bool {
        if isAtEnd { throw end(before: JSONValue.self) }
        guard document.isNull(place) else { return false }
        return try next(Bool.self) { _ in true }
    }

    mutating func decode(_ type: Bool.Type) throws -> Bool { try next(type, document.bool) }
    mutating func decode(_ type: String.Type) throws -> String { try next(type, document.string) }
    mutating func decode(_ type: Double.Type) throws -> Double { try floatingPoint(type) }
    mutating func decode(_ type: Float.Type) throws -> Float { try floatingPoint(type) }
    mutating func decode(_ type: Int.Type) throws -> Int { try integer(type) }
    mutating func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
    mutating func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
    mutating func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
    mutating func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
    mutating func decode(_ type: Int128.Type) throws -> Int128 { try integer(type) }
    mutating func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
    mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
    mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
    mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
    mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }
    mutating func decode(_ type: UInt128.Type) throws -> UInt128 { try integer(type) }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let document = document
        return try next(type) { try document.decode(type, at: $0) }
    }

    private mutating func integer<Value: FixedWidthInteger & Decodable>(_ type: Value.Type) throws -> Value {
        let document = document
        return try next(type) { try document.integer(type, $0) }
    }

    private mutating func floatingPoint<Value: BinaryFloatingPoint & LosslessStringConvertible & Decodable>(
        _ type: Value.Type
    ) throws -> Value {
        let document = document
        return try next(type) { try document.floatingPoint(type, $0) }
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        let document = document
        return KeyedDecodingContainer(
            try next(JSONKeyedReading<Nested>.self) { try JSONKeyedReading<Nested>(document, $0) })
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let document = document
        return try next(JSONUnkeyedReading.self) { try JSONUnkeyedReading(document, $0) }
    }

    mutating func superDecoder() throws -> any Decoder {
        let document = document
        return try next(JSONReading.self) { JSONReading(document: document, index: $0) }
    }
}
