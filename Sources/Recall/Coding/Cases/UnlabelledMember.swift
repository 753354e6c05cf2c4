// The one value of a case, which has no label. Whether it is an object is known when it asks for a container, and that decides where it
// goes: an object is the payload itself; one that has a key "_0" of its own, and whatever is no object, is a member of the payload under
// that key. So what stands in the payload under "_0" is always the value, and a payload without it is the value.

/// The place of a value without a label.
struct UnlabelledMember<Key: CodingKey>: Encoder {
    let payload: any Encoder
    /// The member of the payload that the value is where it is not the payload.
    let key: Key
    let note: CaseNote

    var codingPath: [any CodingKey] { payload.codingPath }
    var userInfo: [CodingUserInfoKey: Any] { payload.userInfo }

    /// Writes the value.
    func encode<Value: Encodable>(_ value: Value) throws {
        if UnlabelledValue.isWrittenByCodec(Value.self) {
            var container = member(for: Value.self)
            return try container.encode(value, forKey: key)
        }
        if let payload = value as? any EventPayload { note.note(unlabelled: payload) }
        try value.encode(to: self)
    }

    /// The payload as the object that the value may be a member of.
    func container() -> KeyedEncodingContainer<Key> { payload.container(keyedBy: Key.self) }

    private func member(for type: any Any.Type = Key.self) -> KeyedEncodingContainer<Key> {
        note.note(.member, of: type)
        return container()
    }

    func container<Member: CodingKey>(keyedBy type: Member.Type) -> KeyedEncodingContainer<Member> {
        guard UnlabelledValue.key(type) == nil else {
            var container = member()
            return container.nestedContainer(keyedBy: type, forKey: key)
        }
        note.note(.payload, of: type)
        return payload.container(keyedBy: type)
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        var container = member()
        return container.nestedUnkeyedContainer(forKey: key)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { UnlabelledScalar(member: self) }
}

/// A value without a label that is one value, or stands for another.
private struct UnlabelledScalar<Key: CodingKey>: SingleValueEncodingContainer {
    let member: UnlabelledMember<Key>

    var codingPath: [any CodingKey] { member.codingPath }

    /// What stands for another value is stored as that is.
    func encode<Value: Encodable>(_ value: Value) throws { try member.encode(value) }

    private func scalar<Value: Encodable>(_ value: Value) throws {
        member.note.note(.member, of: Value.self)
        var container = member.container()
        try container.encode(value, forKey: member.key)
    }

    func encodeNil() throws {
        member.note.note(.member, of: Key.self)
        var container = member.container()
        try container.encodeNil(forKey: member.key)
    }

    func encode(_ value: Bool) throws { try scalar(value) }
    func encode(_ value: String) throws { try scalar(value) }
    func encode(_ value: Double) throws { try scalar(value) }
    func encode(_ value: Float) throws { try scalar(value) }
    func encode(_ value: Int) throws { try scalar(value) }
    func encode(_ value: Int8) throws { try scalar(value) }
    func encode(_ value: Int16) throws { try scalar(value) }
    func encode(_ value: Int32) throws { try scalar(value) }
    func encode(_ value: Int64) throws { try scalar(value) }
    func encode(_ value: Int128) throws { try scalar(value) }
    func encode(_ value: UInt) throws { try scalar(value) }
    func encode(_ value: UInt8) throws { try scalar(value) }
    func encode(_ value: UInt16) throws { try scalar(value) }
    func encode(_ value: UInt32) throws { try scalar(value) }
    func encode(_ value: UInt64) throws { try scalar(value) }
    func encode(_ value: UInt128) throws { try scalar(value) }
}
