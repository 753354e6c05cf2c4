// A state as what it encodes, to be compared with another. Not as JSON: there a set is an array in an order that means nothing,
// and two equal sets would look different.

/// What a value encodes, without an order where it has none.
indirect enum StateTree: Hashable, Sendable {
    case null
    case flag(Bool)
    /// The text of a number, so that each is equal to itself, one that is not a number too.
    case number(String)
    /// Its bytes in UTF-8: what only looks alike is not the same.
    case text([UInt8])
    case fields([String: StateTree])
    case list([StateTree])
    /// The elements of a set, or the keys and values of a dictionary.
    case unordered([StateTree])

    /// - Throws: what the value's own encoding throws.
    init(of value: some Encodable) throws {
        let node = StateNode()
        try node.set(value)
        self = node.tree
    }

    /// Where two states differ, as paths such as `employees[2].title`: at most `countMax` of them.
    func differences(from other: StateTree, countMax: Int = 8) -> [StateDifference] {
        var found: [StateDifference] = []
        compare(other, at: "", countMax, &found)
        return found
    }

    private func compare(
        _ other: StateTree, at path: String, _ countMax: Int, _ found: inout [StateDifference]
    ) {
        if found.count >= countMax || self == other { return }
        switch (self, other) {
        case (.fields(let left), .fields(let right)):
            for key in Set(left.keys).union(right.keys).sorted() {
                let place = path.isEmpty ? key : "\(path).\(key)"
                (left[key] ?? .null).compare(right[key] ?? .null, at: place, countMax, &found)
            }
        case (.list(let left), .list(let right)) where left.count == right.count:
            for index in left.indices {
                left[index].compare(right[index], at: "\(path)[\(index)]", countMax, &found)
            }
        default:
            found.append(StateDifference(path: path, kept: "\(self)", replayed: "\(other)"))
        }
    }
}

extension StateTree: CustomStringConvertible {
    /// The same text for equal states.
    var description: String {
        switch self {
        case .null: "null"
        case .flag(let flag): "\(flag)"
        case .number(let text): text
        case .text(let bytes): "\"\(String(decoding: bytes, as: UTF8.self))\""
        case .fields(let fields):
            "{" + fields.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }.joined(separator: ",")
                + "}"
        case .list(let elements), .unordered(let elements):
            "[" + elements.map(\.description).joined(separator: ",") + "]"
        }
    }
}
