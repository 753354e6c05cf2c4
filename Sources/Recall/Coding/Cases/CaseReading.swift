// A stored payload as the coding of an enum expects it: as the value of the one key that names the case. The key stands with the event and
// not in the payload, so it is added here, and nothing is copied for it.

/// A payload with the key of its case.
struct CaseReading<Name: CodingKey>: Decoder {
    let key: Name
    let payload: any Decoder

    var codingPath: [any CodingKey] { payload.codingPath }
    var userInfo: [CodingUserInfoKey: Any] { payload.userInfo }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard let key = key as? Key ?? Key(stringValue: key.stringValue) else { throw otherForm() }
        return KeyedDecodingContainer(CaseNameReading(key: key, payload: payload))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw otherForm() }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { throw otherForm() }

    private func otherForm() -> DecodingError {
        .dataCorrupted(
            DecodingError.Context(
                codingPath: codingPath,
                debugDescription:
                    "An event is decoded by the key that names its case: leave init(from:) to the compiler"))
    }
}

/// The one key.
private struct CaseNameReading<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let key: Key
    let payload: any Decoder

    var codingPath: [any CodingKey] { payload.codingPath }
    var allKeys: [Key] { [key] }

    func contains(_ key: Key) -> Bool { key.stringValue == self.key.stringValue }

    func decodeNil(forKey key: Key) throws -> Bool { false }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try Value(from: payload)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        guard let unlabelled = UnlabelledValue.key(type) else { return try payload.container(keyedBy: type) }
        return KeyedDecodingContainer(UnlabelledReading(unlabelled, payload))
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try payload.unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { payload }

    func superDecoder(forKey key: Key) throws -> any Decoder { payload }
}

/// The payload of a case that has a value without a label, which is the payload itself where that does not name it.
private struct UnlabelledReading<Key: CodingKey>: KeyedDecodingContainerProtocol {
    private let unlabelled: Key
    private let payload: any Decoder
    /// The members of the payload; nil where it is no object.
    private let members: KeyedDecodingContainer<Key>?

    init(_ unlabelled: Key, _ payload: any Decoder) {
        self.unlabelled = unlabelled
        self.payload = payload
        members = try? payload.container(keyedBy: Key.self)
    }

    var codingPath: [any CodingKey] { payload.codingPath }
    var allKeys: [Key] { members?.allKeys ?? [] }

    func contains(_ key: Key) -> Bool { members?.contains(key) ?? false }

    func decodeNil(forKey key: Key) throws -> Bool { try known().decodeNil(forKey: key) }

    /// The value without a label is read by its own type, as it was written.
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        guard key.stringValue == unlabelled.stringValue, !UnlabelledValue.isWrittenByCodec(type) else {
            return try known().decode(type, forKey: key)
        }
        if let members, members.contains(key) { return try Value(from: members.superDecoder(forKey: key)) }
        return try Value(from: payload)
    }

    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 {
        try known().decode(type, forKey: key)
    }

    func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 {
        try known().decode(type, forKey: key)
    }

    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        try known().decodeIfPresent(type, forKey: key)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try known().nestedContainer(keyedBy: type, forKey: key)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try known().nestedUnkeyedContainer(forKey: key)
    }

    func superDecoder() throws -> any Decoder { try known().superDecoder() }

    func superDecoder(forKey key: Key) throws -> any Decoder { try known().superDecoder(forKey: key) }

    private func known() throws -> KeyedDecodingContainer<Key> {
        // Says why there are none.
        try members ?? payload.container(keyedBy: Key.self)
    }
}
