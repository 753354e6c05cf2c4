// What stands for the coding keys of an event enum that declares none, whose names are those of its payloads. It is not
// `CaseIterable`, and must never be: `payload` and `cases` have defaults for keys that are, so that an enum which declares neither
// these two nor its keys does not compile.

/// The `CodingKeys` of an event enum that has none of its own: each case is stored under the `eventType` of its payload.
public struct PayloadNames: CodingKey, Hashable {
    /// The stored name of an event.
    public let stringValue: String

    /// The key for a stored name; never nil.
    public init?(stringValue: String) { self.stringValue = stringValue }

    init(_ type: EventType) { stringValue = type.rawValue }

    /// None.
    public var intValue: Int? { nil }

    /// None: names are no numbers.
    public init?(intValue: Int) { nil }

    public static func == (left: PayloadNames, right: PayloadNames) -> Bool {
        left.stringValue.hasSameBytes(as: right.stringValue)
    }

    public func hash(into hasher: inout Hasher) { stringValue.hashBytes(into: &hasher) }
}
