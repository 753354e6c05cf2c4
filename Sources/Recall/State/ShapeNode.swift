// The keys and kinds of values that something encodes, without the values.

/// What a value encodes at one place.
final class ShapeNode: CustomStringConvertible {
    var kinds: [String] = []
    var fields: [String: ShapeNode] = [:]
    var elements: [ShapeNode] = []

    /// The shape of a value; the parts of it that cannot be encoded are left out.
    static func describing(_ value: some Encodable) -> ShapeNode {
        let node = ShapeNode()
        do {
            try value.encode(to: ShapeEncoder(node: node))
        } catch {
            node.kinds.append("incomplete")
        }
        return node
    }

    func field(_ key: String) -> ShapeNode {
        if let known = fields[key] { return known }
        let node = ShapeNode()
        fields[key] = node
        return node
    }

    func element() -> ShapeNode {
        let node = ShapeNode()
        elements.append(node)
        return node
    }

    /// The same for the same shape, whatever order the keys were encoded in.
    var description: String {
        var text = kinds.joined(separator: "+")
        if !fields.isEmpty {
            let sorted = fields.sorted { $0.key < $1.key }
            text += "{" + sorted.map { "\($0.key):\($0.value)" }.joined(separator: ",") + "}"
        }
        if !elements.isEmpty { text += "[" + elements.map(\.description).joined(separator: ",") + "]" }
        return text
    }
}
