// The members of an object. Few are looked through one after the other, which needs no memory; many have a table of their
// keys. Of a key that stands several times the first counts.

/// An object of a text, as a container.
struct JSONKeyedReading<Key: CodingKey>: KeyedDecodingContainerProtocol {
    /// Up to this many members are looked through.
    private static var lookedThroughCountMax: Int { 16 }

    private let document: JSONDocument
    private let object: Int
    /// Where the value of each key stands; nil for few of them.
    private let table: [TextKey: Int]?

    /// - Throws: `DecodingError` where the value is no object.
    init(_ document: JSONDocument, _ index: Int) throws {
        guard document.tokens[index].kind == .object else {
            throw document.mismatch([TextKey: JSONValue].self, index, expected: "an object")
        }
        self.document = document
        object = index
        guard document.tokens[index].count > Self.lookedThroughCountMax else {
            table = nil
            return
        }
        var table: [TextKey: Int] = [:]
        table.reserveCapacity(document.tokens[index].count)
        var place = index + 1
        for _ in 0 ..< document.tokens[index].count {
            if let text = try? document.text(document.tokens[place]), table[TextKey(text)] == nil {
                table[TextKey(text)] = place + 1
            }
            place = document.tokens[place + 1].next
        }
        self.table = table
    }

    var codingPath: [any CodingKey] { document.path(to: object) }

    /// In the order of the text, each once.
    var allKeys: [Key] {
        var keys: [Key] = []
        var seen: Set<TextKey> = []
        var place = object + 1
        for _ in 0 ..< document.tokens[object].count {
            if let text = try? document.text(document.tokens[place]), seen.insert(TextKey(text)).inserted,
                let key = Key(stringValue: text)
            {
                keys.append(key)
            }
            place = document.tokens[place + 1].next
        }
        return keys
    }

    /// Where the value of a key stands; nil where it has none.
    private func place(of key: any CodingKey) -> Int? {
        let text = key.stringValue
        if let table { return table[TextKey(text)] }
        var place = object + 1
        for _ in 0 ..< document.tokens[object].count {
            if document.isKey(document.tokens[place], text) { return place + 1 }
            place = document.tokens[place + 1].next
        }
        return nil
    }

    private func value(of key: any CodingKey) throws -> Int {
        if let place = place(of: key) { return place }
        throw DecodingError.keyNotFound(
            key,
            DecodingError.Context(
                codingPath: codingPath, debugDescription: "The key \"\(key.stringValue)\" is missing"))
    }

    func contains(_ key: Key) -> Bool { place(of: key) != nil }
    func decodeNil(forKey key: Key) throws -> Bool { document.isNull(try value(of: key)) }
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try document.bool(value(of: key)) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try document.string(value(of: key)) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double {
        try document.floatingPoint(type, value(of: key))
    }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float {
        try document.floatingPoint(type, value(of: key))
    }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int {
        try document.integer(type, value(of: key))
    }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 {
        try document.integer(type, value(of: key))
    }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 {
        try document.integer(type, value(of: key))
    }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 {
        try document.integer(type, value(of: key))
    }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 {
        try document.integer(type, value(of: key))
    }
    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 {
        try document.integer(type, value(of: key))
    }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt {
        try document.integer(type, value(of: key))
    }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 {
        try document.integer(type, value(of: key))
    }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 {
        try document.integer(type, value(of: key))
    }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 {
        try document.integer(type, value(of: key))
    }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 {
        try document.integer(type, value(of: key))
    }
    func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 {
        try document.integer(type, value(of: key))
    }
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try document.decode(type, at: value(of: key))
    }

    /// One look for the key, where the standard library's own takes three.
    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        guard let place = place(of: key), !document.isNull(place) else { return nil }
        return try document.decode(type, at: place)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        KeyedDecodingContainer(try JSONKeyedReading<Nested>(document, value(of: key)))
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try JSONUnkeyedReading(document, value(of: key))
    }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        JSONReading(document: document, index: try value(of: key))
    }

    func superDecoder() throws -> any Decoder {
        JSONReading(document: document, index: try value(of: JSONPathKey.parent))
    }
}
