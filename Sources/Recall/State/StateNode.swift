// The encoder behind `StateTree`: each value that encodes itself fills a node. Sets and dictionaries say what they are by
// their type, since what they encode does not.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A collection whose order means nothing.
private protocol Unordered {
    /// Its elements, each as a tree, in an order that depends on these alone.
    func trees() throws -> [StateTree]
}

extension Set: Unordered {
    fileprivate func trees() throws -> [StateTree] {
        try sortedTrees(
            map { element in
                guard let element = element as? any Encodable else { return .text(Array("\(element)".utf8)) }
                return try StateTree(of: element)
            })
    }
}

extension Dictionary: Unordered {
    fileprivate func trees() throws -> [StateTree] {
        try sortedTrees(
            map { key, value in
                guard let key = key as? any Encodable, let value = value as? any Encodable else {
                    return .text(Array("\(key): \(value)".utf8))
                }
                return .list([try StateTree(of: key), try StateTree(of: value)])
            })
    }
}

private func sortedTrees(_ trees: [StateTree]) -> [StateTree] {
    trees.map { (text: $0.description, tree: $0) }.sorted { $0.text < $1.text }.map(\.tree)
}

/// A place that a value encodes itself to.
final class StateNode: Encoder {
    private enum Content {
        case leaf(StateTree)
        case fields([String: StateNode])
        case list([StateNode])
    }

    private var content = Content.fields([:])

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    var tree: StateTree {
        switch content {
        case .leaf(let tree): tree
        case .fields(let fields): .fields(fields.mapValues(\.tree))
        case .list(let elements): .list(elements.map(\.tree))
        }
    }

    /// Takes a value of any kind.
    func set<Value: Encodable>(_ value: Value) throws {
        switch value {
        case let unordered as any Unordered: content = .leaf(.unordered(try unordered.trees()))
        // Byte by byte it would be a large list.
        case let data as Data: content = .leaf(.text(Array(data.base64EncodedString().utf8)))
        default: try value.encode(to: self)
        }
    }

    func set(leaf: StateTree) { content = .leaf(leaf) }

    func field(_ key: String) -> StateNode {
        let node = StateNode()
        guard case .fields(var fields) = content else {
            content = .fields([key: node])
            return node
        }
        if let known = fields[key] { return known }
        // Taken out while it changes, so that it is not copied.
        content = .fields([:])
        fields[key] = node
        content = .fields(fields)
        return node
    }

    func becomeList() {
        if case .list = content { return }
        content = .list([])
    }

    var elementCount: Int {
        if case .list(let elements) = content { return elements.count }
        return 0
    }

    func element() -> StateNode {
        let node = StateNode()
        guard case .list(var elements) = content else {
            content = .list([node])
            return node
        }
        content = .list([])
        elements.append(node)
        content = .list(elements)
        return node
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(KeyedState(node: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        becomeList()
        return UnkeyedState(node: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { SingleState(node: self) }
}

private struct KeyedState<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let node: StateNode
    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) { node.field(key.stringValue).set(leaf: .null) }
    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        try node.field(key.stringValue).set(value)
    }
    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> { node.field(key.stringValue).container(keyedBy: type) }
    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        node.field(key.stringValue).unkeyedContainer()
    }
    func superEncoder() -> any Encoder { node.field("super") }
    func superEncoder(forKey key: Key) -> any Encoder { node.field(key.stringValue) }
}

private struct UnkeyedState: UnkeyedEncodingContainer {
    let node: StateNode
    var codingPath: [any CodingKey] { [] }
    var count: Int { node.elementCount }

    func encodeNil() { node.element().set(leaf: .null) }
    func encode<Value: Encodable>(_ value: Value) throws { try node.element().set(value) }
    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        node.element().container(keyedBy: type)
    }
    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { node.element().unkeyedContainer() }
    func superEncoder() -> any Encoder { node.element() }
}

private struct SingleState: SingleValueEncodingContainer {
    let node: StateNode
    var codingPath: [any CodingKey] { [] }

    func encodeNil() { node.set(leaf: .null) }
    func encode<Value: Encodable>(_ value: Value) throws { try node.set(value) }

    // The primitive values, which encode themselves as what they are and would come back here forever.
    func encode(_ value: Bool) { node.set(leaf: .flag(value)) }
    func encode(_ value: String) { node.set(leaf: .text(Array(value.utf8))) }
    func encode(_ value: Double) { node.set(leaf: .number("\(value)")) }
    func encode(_ value: Float) { node.set(leaf: .number("\(value)")) }
    func encode(_ value: Int) { node.set(leaf: .number("\(value)")) }
    func encode(_ value: Int8) { node.set(leaf: .number("\(value)")) }
    func encode(_ value: Int16) { node.set(leaf: .number("\(value)")) }
    func encode(_ value: Int32) { node.set(leaf: .number("\(value)")) }
    func encode(_ value: Int64) { node.set(leaf: .number("\(value)")) }
    func encode(_ value: UInt) { node.set(leaf: .number("\(value)")) }
    func encode(_ value: UInt8) { node.set(leaf: .number("\(value)")) }
    func encode(_ value: UInt16) { node.set(leaf: .number("\(value)")) }
    func encode(_ value: UInt32) { node.set(leaf: .number("\(value)")) }
    func encode(_ value: UInt64) { node.set(leaf: .number("\(value)")) }
}
