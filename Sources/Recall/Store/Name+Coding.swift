// Names in payloads and snapshots: text, and the keys of objects where a dictionary has them for keys.

extension Name {
    public init(from decoder: any Decoder) throws {
        self.init(rawValue: try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    /// The name as the key of an object.
    public var codingKey: any CodingKey { TextKey(rawValue) }

    /// The name that a key of an object spells.
    public init?(codingKey: some CodingKey) { self.init(rawValue: codingKey.stringValue) }
}
