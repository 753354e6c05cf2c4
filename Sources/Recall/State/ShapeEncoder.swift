// An encoder that notes what it is asked to encode and keeps no value. Unlike JSON it sees the optional
// values that are nil, because `encodeIfPresent` passes their type.

/// Notes the shape of what is encoded.
struct ShapeEncoder: Encoder {
    let node: ShapeNode

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(KeyedShape(node: node))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer { UnkeyedShape(node: node) }

    func singleValueContainer() -> any SingleValueEncodingContainer { SingleShape(node: node) }
}

private struct KeyedShape<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let node: ShapeNode
    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) { node.field(key.stringValue).kinds.append("nil") }

    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        try node.field(key.stringValue).note(value)
    }

    func encodeIfPresent<Value: Encodable>(_ value: Value?, forKey key: Key) throws {
        let field = node.field(key.stringValue)
        field.kinds.append("optional")
        guard let value else { return field.kinds.append("\(Value.self)") }
        try field.note(value)
    }

    // One for each requirement: the standard library's own would leave out what is nil.
    func encodeIfPresent(_ value: Bool?, forKey key: Key) { noteOptional(Bool.self, key) }
    func encodeIfPresent(_ value: String?, forKey key: Key) { noteOptional(String.self, key) }
    func encodeIfPresent(_ value: Double?, forKey key: Key) { noteOptional(Double.self, key) }
    func encodeIfPresent(_ value: Float?, forKey key: Key) { noteOptional(Float.self, key) }
    func encodeIfPresent(_ value: Int?, forKey key: Key) { noteOptional(Int.self, key) }
    func encodeIfPresent(_ value: Int8?, forKey key: Key) { noteOptional(Int8.self, key) }
    func encodeIfPresent(_ value: Int16?, forKey key: Key) { noteOptional(Int16.self, key) }
    func encodeIfPresent(_ value: Int32?, forKey key: Key) { noteOptional(Int32.self, key) }
    func encodeIfPresent(_ value: Int64?, forKey key: Key) { noteOptional(Int64.self, key) }
    func encodeIfPresent(_ value: UInt?, forKey key: Key) { noteOptional(UInt.self, key) }
    func encodeIfPresent(_ value: UInt8?, forKey key: Key) { noteOptional(UInt8.self, key) }
    func encodeIfPresent(_ value: UInt16?, forKey key: Key) { noteOptional(UInt16.self, key) }
    func encodeIfPresent(_ value: UInt32?, forKey key: Key) { noteOptional(UInt32.self, key) }
    func encodeIfPresent(_ value: UInt64?, forKey key: Key) { noteOptional(UInt64.self, key) }

    private func noteOptional(_ type: Any.Type, _ key: Key) {
        node.field(key.stringValue).kinds += ["optional", "\(type)"]
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        KeyedEncodingContainer(KeyedShape<Nested>(node: node.field(key.stringValue)))
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        UnkeyedShape(node: node.field(key.stringValue))
    }

    func superEncoder() -> any Encoder { ShapeEncoder(node: node.field("super")) }

    func superEncoder(forKey key: Key) -> any Encoder { ShapeEncoder(node: node.field(key.stringValue)) }
}

private struct UnkeyedShape: UnkeyedEncodingContainer {
    let node: ShapeNode
    var codingPath: [any CodingKey] { [] }
    var count: Int { node.elements.count }

    func encodeNil() { node.element().kinds.append("nil") }

    func encode<Value: Encodable>(_ value: Value) throws { try node.element().note(value) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) -> KeyedEncodingContainer<Nested> {
        KeyedEncodingContainer(KeyedShape<Nested>(node: node.element()))
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { UnkeyedShape(node: node.element()) }

    func superEncoder() -> any Encoder { ShapeEncoder(node: node.element()) }
}

private struct SingleShape: SingleValueEncodingContainer {
    let node: ShapeNode
    var codingPath: [any CodingKey] { [] }

    func encodeNil() { node.kinds.append("nil") }

    func encode<Value: Encodable>(_ value: Value) throws { try node.note(value) }

    // The primitive values, which encode themselves as what they are and would come back here forever.
    func encode(_ value: Bool) { node.kinds.append("Bool") }
    func encode(_ value: String) { node.kinds.append("String") }
    func encode(_ value: Double) { node.kinds.append("Double") }
    func encode(_ value: Float) { node.kinds.append("Float") }
    func encode(_ value: Int) { node.kinds.append("Int") }
    func encode(_ value: Int8) { node.kinds.append("Int8") }
    func encode(_ value: Int16) { node.kinds.append("Int16") }
    func encode(_ value: Int32) { node.kinds.append("Int32") }
    func encode(_ value: Int64) { node.kinds.append("Int64") }
    func encode(_ value: UInt) { node.kinds.append("UInt") }
    func encode(_ value: UInt8) { node.kinds.append("UInt8") }
    func encode(_ value: UInt16) { node.kinds.append("UInt16") }
    func encode(_ value: UInt32) { node.kinds.append("UInt32") }
    func encode(_ value: UInt64) { node.kinds.append("UInt64") }
}

extension ShapeNode {
    /// Notes a value's type, and what it encodes in turn.
    fileprivate func note<Value: Encodable>(_ value: Value) throws {
        kinds.append("\(Value.self)")
        try value.encode(to: ShapeEncoder(node: self))
    }
}
