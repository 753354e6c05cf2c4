// Names that are stored with events. They are chosen by the application, stable, and never derived
// from the name of a Swift type.

/// A string with a meaning, stored with events.
public protocol Name: RawRepresentable, Hashable, Sendable, Codable, Comparable,
    ExpressibleByStringLiteral, CustomStringConvertible
where RawValue == String, StringLiteralType == String {
    init(rawValue: String)
}

extension Name {
    public init(stringLiteral value: String) { self.init(rawValue: value) }
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

    public static let json: ContentType = "application/json"
    public static let binary: ContentType = "application/octet-stream"
}
