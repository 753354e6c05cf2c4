// Names that are stored with events. They are chosen by the application, stable, and never derived
// from the name of a Swift type.

/// A string with a meaning, stored with events.
public protocol Name: RawRepresentable, Hashable, Sendable, Codable, Comparable,
    ExpressibleByStringLiteral, CustomStringConvertible
where RawValue == String, StringLiteralType == String {
    /// The name with this text. Its length is checked when it is stored: at most 255 bytes of UTF-8.
    init(rawValue: String)
}

extension Name {
    public init(stringLiteral value: String) { self.init(rawValue: value) }
    /// The name with this text. Its length is checked when it is stored: at most 255 bytes of UTF-8.
    public init(_ value: String) { self.init(rawValue: value) }
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    public var description: String { rawValue }
}

/// The stable name of a kind of event, such as `EmployeeHired`.
public struct EventType: Name {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// The stable name of a kind of aggregate or entity, such as `Company`. May be empty where unknown.
public struct AggregateType: Name {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// What the bytes of a payload are, as a media type.
public struct ContentType: Name {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// JSON in UTF-8: what an event is unless it says otherwise.
    public static let json: ContentType = "application/json"
    /// Bytes that only the application understands.
    public static let binary: ContentType = "application/octet-stream"
}
