// The encoders of one payload: a place that is written to, and the containers that fill it.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The place of one value, as an encoder.
struct JSONWriting: Encoder {
    let output: JSONOutput
    let slot: JSONSlot
    let step: JSONStep?

    var codingPath: [any CodingKey] { JSONStep.path(step) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        // Asked for again, it is the same object that goes on.
        if case .object(let members) = slot.part {
            return KeyedEncodingContainer(JSONKeyedWriting(output: output, members: members, step: step))
        }
        let members = JSONMembers()
        slot.part = .object(members)
        return KeyedEncodingContainer(JSONKeyedWriting(output: output, members: members, step: step))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        if case .array(let elements) = slot.part {
            return JSONUnkeyedWriting(output: output, elements: elements, step: step)
        }
        let elements = JSONElements()
        slot.part = .array(elements)
        return JSONUnkeyedWriting(output: output, elements: elements, step: step)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }
}

extension JSONWriting: SingleValueEncodingContainer {
    func encodeNil() throws { slot.part = output.null }
    func encode(_ value: Bool) throws { slot.part = output.part(value) }
    func encode(_ value: String) throws { slot.part = output.part(value) }
    func encode(_ value: Double) throws { slot.part = try output.part(value, step) }
    func encode(_ value: Float) throws { slot.part = try output.part(value, step) }
    func encode(_ value: Int) throws { slot.part = output.part(value) }
    func encode(_ value: Int8) throws { slot.part = output.part(value) }
    func encode(_ value: Int16) throws { slot.part = output.part(value) }
    func encode(_ value: Int32) throws { slot.part = output.part(value) }
    func encode(_ value: Int64) throws { slot.part = output.part(value) }
    func encode(_ value: Int128) throws { slot.part = output.part(value) }
    func encode(_ value: UInt) throws { slot.part = output.part(value) }
    func encode(_ value: UInt8) throws { slot.part = output.part(value) }
    func encode(_ value: UInt16) throws { slot.part = output.part(value) }
    func encode(_ value: UInt32) throws { slot.part = output.part(value) }
    func encode(_ value: UInt64) throws { slot.part = output.part(value) }
    func encode(_ value: UInt128) throws { slot.part = output.part(value) }
    func encode<Value: Encodable>(_ value: Value) throws { slot.part = try output.part(value, step) }
}

/// An object, as a container.
struct JSONKeyedWriting<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let output: JSONOutput
    let members: JSONMembers
    let step: JSONStep?

    var codingPath: [any CodingKey] { JSONStep.path(step) }

    private func add(_ part: JSONPart, _ key: Key) { members.members.append((key.stringValue, part)) }

    func encodeNil(forKey key: Key) throws { add(output.null, key) }
    func encode(_ value: Bool, forKey key: Key) throws { add(output.part(value), key) }
    func encode(_ value: String, forKey key: Key) throws { add(output.part(value), key) }
    func encode(_ value: Double, forKey key: Key) throws {
        add(try output.part(value, JSONStep(step, key)), key)
    }
    func encode(_ value: Float, forKey key: Key) throws {
        add(try output.part(value, JSONStep(step, key)), key)
    }
    func encode(_ value: Int, forKey key: Key) throws { add(output.part(value), key) }
    func encode(_ value: Int8, forKey key: Key) throws { add(output.part(value), key) }
    func encode(_ value: Int16, forKey key: Key) throws { add(output.part(value), key) }
    func encode(_ value: Int32, forKey key: Key) throws { add(output.part(value), key) }
    func encode(_ value: Int64, forKey key: Key) throws { add(output.part(value), key) }
    func encode(_ value: Int128, forKey key: Key) throws { add(output.part(value), key) }
    func encode(_ value: UInt, forKey key: Key) throws { add(output.part(value), key) }
    func encode(_ value: UInt8, forKey key: Key) throws { add(output.part(value), key) }
    func encode(_ value: UInt16, forKey key: Key) throws { add(output.part(value), key) }
    func encode(_ value: UInt32, forKey key: Key) throws { add(output.part(value), key) }
    func encode(_ value: UInt64, forKey key: Key) throws { add(output.part(value), key) }
    func encode(_ value: UInt128, forKey key: Key) throws { add(output.part(value), key) }
    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        add(try output.part(value, JSONStep(step, key)), key)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        encoder(forKey: key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoder(forKey: key).unkeyedContainer()
    }

    func superEncoder() -> any Encoder {
        let slot = JSONSlot()
        members.members.append((JSONPathKey.parent.stringValue, .slot(slot)))
        return JSONWriting(output: output, slot: slot, step: JSONStep(step, JSONPathKey.parent))
    }

    func superEncoder(forKey key: Key) -> any Encoder { encoder(forKey: key) }

    private func encoder(forKey key: Key) -> JSONWriting {
        let slot = JSONSlot()
        add(.slot(slot), key)
        return JSONWriting(output: output, slot: slot, step: JSONStep(step, key))
    }
}

/// An array, as a container.
struct JSONUnkeyedWriting: UnkeyedEncodingContainer {
    let output: JSONOutput
    let elements: JSONElements
    let step: JSONStep?

    var codingPath: [any CodingKey] { JSONStep.path(step) }
    var count: Int { elements.parts.count }

    private func add(_ part: JSONPart) { elements.parts.append(part) }
    private var here: JSONStep { JSONStep(step, JSONPathKey(count)) }

    func encodeNil() throws { add(output.null) }
    func encode(_ value: Bool) throws { add(output.part(value)) }
    func encode(_ value: String) throws { add(output.part(value)) }
    func encode(_ value: Double) throws { add(try output.part(value, here)) }
    func encode(_ value: Float) throws { add(try output.part(value, here)) }
    func encode(_ value: Int) throws { add(output.part(value)) }
    func encode(_ value: Int8) throws { add(output.part(value)) }
    func encode(_ value: Int16) throws { add(output.part(value)) }
    func encode(_ value: Int32) throws { add(output.part(value)) }
    func encode(_ value: Int64) throws { add(output.part(value)) }
    func encode(_ value: Int128) throws { add(output.part(value)) }
    func encode(_ value: UInt) throws { add(output.part(value)) }
    func encode(_ value: UInt8) throws { add(output.part(value)) }
    func encode(_ value: UInt16) throws { add(output.part(value)) }
    func encode(_ value: UInt32) throws { add(output.part(value)) }
    func encode(_ value: UInt64) throws { add(output.part(value)) }
    func encode(_ value: UInt128) throws { add(output.part(value)) }
    func encode<Value: Encodable>(_ value: Value) throws { add(try output.part(value, here)) }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        encoder().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder().unkeyedContainer() }

    func superEncoder() -> any Encoder { encoder() }

    private func encoder() -> JSONWriting {
        let step = here
        let slot = JSONSlot()
        add(.slot(slot))
        return JSONWriting(output: output, slot: slot, step: step)
    }
}
