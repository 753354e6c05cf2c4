// A key of an object that is any text. Two are the same when their bytes are, as in the text that they stand in.

/// A key of an object.
struct TextKey: CodingKey, Hashable {
    let stringValue: String

    init(_ text: String) { stringValue = text }

    init?(stringValue: String) { self.stringValue = stringValue }

    var intValue: Int? { nil }

    init?(intValue: Int) { nil }

    static func == (left: TextKey, right: TextKey) -> Bool {
        left.stringValue.hasSameBytes(as: right.stringValue)
    }

    func hash(into hasher: inout Hasher) { stringValue.hashBytes(into: &hasher) }
}
