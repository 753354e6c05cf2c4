// What the coding of an enum writes, less the key that names the case: that goes to a note, and what stands at the key is the payload.

/// A payload that is written without the key of its case.
struct CaseWriting: Encoder {
    let payload: any Encoder
    let note: CaseNote

    var codingPath: [any CodingKey] { payload.codingPath }
    var userInfo: [CodingUserInfoKey: Any] { payload.userInfo }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(CaseNameWriting(payload: payload, note: note))
    }

    // A coding of somebody's own that uses no key is found by the note, which stays without a name.
    func unkeyedContainer() -> any UnkeyedEncodingContainer { payload.unkeyedContainer() }

    func singleValueContainer() -> any SingleValueEncodingContainer { payload.singleValueContainer() }
}

/// The one key.
private struct CaseNameWriting<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let payload: any Encoder
    let note: CaseNote

    var codingPath: [any CodingKey] { payload.codingPath }

    func encodeNil(forKey key: Key) throws {
        note.note(name: key.stringValue)
        var container = payload.singleValueContainer()
        try container.encodeNil()
    }

    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        note.note(name: key.stringValue)
        try value.encode(to: payload)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        note.note(name: key.stringValue)
        guard let unlabelled = UnlabelledValue.key(type) else { return payload.container(keyedBy: type) }
        return KeyedEncodingContainer(
            UnlabelledWriting(UnlabelledMember(payload: payload, key: unlabelled, note: note)))
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        note.note(name: key.stringValue)
        return payload.unkeyedContainer()
    }

    func superEncoder() -> any Encoder { payload }

    func superEncoder(forKey key: Key) -> any Encoder {
        note.note(name: key.stringValue)
        return payload
    }
}
