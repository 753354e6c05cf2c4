// A string of a payload that nobody has changed keeps the spelling it was stored with: one escape or another, and even half
// of a surrogate pair, which JSON may hold and no text of Swift's.

/// A string with the spelling that it has in JSON, where it is not the one that is written here.
struct JSONString: Sendable {
    /// The text; a replacement character stands where half of a surrogate pair does.
    let text: String
    /// The bytes between the quotes; nil for those that are written for the text.
    let source: [UInt8]?

    /// Whether no text says what the string holds.
    let isBroken: Bool

    init(_ text: String) {
        self.text = text
        source = nil
        isBroken = false
    }

    init(_ text: String, source: [UInt8], isBroken: Bool) {
        self.text = text
        self.source = source
        self.isBroken = isBroken
    }

    func append(to buffer: inout [UInt8]) {
        guard let source else { return JSONText.append(text, to: &buffer) }
        buffer.append(UInt8(ascii: "\""))
        buffer.append(contentsOf: source)
        buffer.append(UInt8(ascii: "\""))
    }
}

extension JSONString: Hashable {
    /// Whether both say the same, however it is spelled.
    static func == (left: JSONString, right: JSONString) -> Bool {
        if left.isBroken || right.isBroken {
            return left.isBroken == right.isBroken && left.source == right.source
        }
        return left.text.hasSameBytes(as: right.text)
    }

    func hash(into hasher: inout Hasher) { text.hashBytes(into: &hasher) }
}
