// An object that a command prints as a whole, with its keys in the order in which they were added.

import Recall

/// A JSON object in the making.
struct JSONObject {
    private var buffer: [UInt8] = [UInt8(ascii: "{")]

    /// The object on one line, without a line feed.
    var text: String { String(decoding: buffer, as: UTF8.self) + "}" }

    private mutating func addKey(_ key: String) {
        if buffer.count > 1 { buffer.append(UInt8(ascii: ",")) }
        JSONText.append(key, to: &buffer)
        buffer.append(UInt8(ascii: ":"))
    }

    /// Adds a value; `null` where there is none.
    mutating func add(_ key: String, _ value: String?) {
        guard let value else { return addNull(key) }
        addKey(key)
        JSONText.append(value, to: &buffer)
    }

    mutating func add(_ key: String, _ value: UInt64?) {
        guard let value else { return addNull(key) }
        addKey(key)
        JSONText.append(value, to: &buffer)
    }

    mutating func add(_ key: String, _ value: Int?) {
        guard let value else { return addNull(key) }
        addKey(key)
        buffer.append(contentsOf: String(value).utf8)
    }

    mutating func add(_ key: String, _ value: Bool) {
        addKey(key)
        buffer.append(contentsOf: String(value).utf8)
    }

    /// Adds a number with at most three decimals; one that JSON cannot hold becomes `null`.
    mutating func add(_ key: String, _ value: Double?) {
        guard let value else { return addNull(key) }
        addKey(key)
        let rounded = (value * 1000).rounded() / 1000
        buffer.append(contentsOf: (rounded.isFinite ? "\(rounded)" : "null").utf8)
    }

    private mutating func addNull(_ key: String) {
        addKey(key)
        buffer.append(contentsOf: "null".utf8)
    }

    mutating func add(_ key: String, _ value: JSONObject?) {
        guard let value else { return addNull(key) }
        addKey(key)
        buffer.append(contentsOf: value.text.utf8)
    }

    mutating func add(_ key: String, _ values: [JSONObject]) {
        addKey(key)
        buffer.append(contentsOf: "[\(values.map(\.text).joined(separator: ","))]".utf8)
    }
}
