// The values of a case whose first has no label. Alone it is the payload, where it is an object that can be told from one that holds it;
// beside others it is refused, since what it is would depend on what they are.

/// The values of a case, the first of which has no label.
struct UnlabelledWriting<Key: CodingKey>: KeyedEncodingContainerProtocol {
    private let member: UnlabelledMember<Key>
    private var valueCount = 0

    init(_ member: UnlabelledMember<Key>) { self.member = member }

    var codingPath: [any CodingKey] { member.payload.codingPath }

    /// Counts the values, and refuses a second one.
    private mutating func count(_ value: Any) throws {
        valueCount += 1
        if valueCount == 1 { return }
        throw EncodingError.invalidValue(
            value,
            EncodingError.Context(
                codingPath: codingPath,
                debugDescription:
                    "The case has several values and the first of them has no label: give each of them one"))
    }

    mutating func encodeNil(forKey key: Key) throws {
        try count(key)
        var container = member.container()
        try container.encodeNil(forKey: key)
    }

    mutating func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        try count(value)
        try member.encode(value)
    }

    /// Stays a member, so that nil is nothing.
    mutating func encodeIfPresent<Value: Encodable>(_ value: Value?, forKey key: Key) throws {
        try optional(value, key)
    }

    private mutating func optional<Value: Encodable>(_ value: Value?, _ key: Key) throws {
        try count(value as Any)
        var container = member.container()
        try container.encodeIfPresent(value, forKey: key)
    }

    // One for each requirement: the standard library's own would not count what is nil.
    mutating func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try optional(value, key) }
    mutating func encodeIfPresent(_ value: String?, forKey key: Key) throws { try optional(value, key) }
    mutating func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try optional(value, key) }
    mutating func encodeIfPresent(_ value: Float?, forKey key: Key) throws { try optional(value, key) }
    mutating func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try optional(value, key) }
    mutating func encodeIfPresent(_ value: Int8?, forKey key: Key) throws { try optional(value, key) }
    mutating func encodeIfPresent(_ value: Int16?, forKey key: Key) throws { try optional(value, key) }
    mutating func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { try optional(value, key) }
    mutating func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { try optional(value, key) }
    mutating func encodeIfPresent(_ value: Int128?, forKey key: Key) throws { try optional(value, key) }
    mutating func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { try optional(value, key) }
    mutating func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws { try optional(value, key) }
    mutating func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws { try optional(value, key) }
    mutating func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { try optional(value, key) }
    mutating func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { try optional(value, key) }
    mutating func encodeIfPresent(_ value: UInt128?, forKey key: Key) throws { try optional(value, key) }

    mutating func encode(_ value: Int128, forKey key: Key) throws { try optional(value, key) }
    mutating func encode(_ value: UInt128, forKey key: Key) throws { try optional(value, key) }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        var container = member.container()
        return container.nestedContainer(keyedBy: type, forKey: key)
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        var container = member.container()
        return container.nestedUnkeyedContainer(forKey: key)
    }

    mutating func superEncoder() -> any Encoder {
        var container = member.container()
        return container.superEncoder()
    }

    mutating func superEncoder(forKey key: Key) -> any Encoder {
        var container = member.container()
        return container.superEncoder(forKey: key)
    }
}
