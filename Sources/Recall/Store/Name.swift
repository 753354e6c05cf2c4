// Names that are stored with events. They are chosen by the application, stable, and never derived
// from the name of a Swift type.
//
// Invariant: a name is its bytes. Two names are equal, hash alike and sort by the bytes of their UTF-8, so that a set,
// a dictionary and a filter see what a store sees. Swift's strings are equal when they look the same, however their
// letters are composed; a file, a server and a program in another language tell such names apart. For that reason this
// is not `RawRepresentable`, whose `!=` would compare the strings.

/// A string with a meaning, stored with events. Equal to another when the bytes of their UTF-8 are.
public protocol Name: Hashable, Sendable, Codable, CodingKeyRepresentable, Comparable,
    ExpressibleByStringInterpolation, CustomStringConvertible
where StringLiteralType == String, StringInterpolation == DefaultStringInterpolation {
    /// The text. Strings compare by how they look: compare names, or their bytes.
    var rawValue: String { get }
    /// The name with this text. Its length is checked when it is stored: at most 255 bytes of UTF-8.
    init(rawValue: String)
}

extension Name {
    public init(stringLiteral value: String) { self.init(rawValue: value) }
    /// The name with this text. Its length is checked when it is stored: at most 255 bytes of UTF-8.
    public init(_ value: String) { self.init(rawValue: value) }
    public var description: String { rawValue }

    /// Whether both are the same bytes of UTF-8.
    public static func == (left: Self, right: Self) -> Bool { left.rawValue.hasSameBytes(as: right.rawValue) }

    /// Whether the bytes of the left one come first, as in a dictionary of bytes.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue.hasBytes(before: right.rawValue) }

    public func hash(into hasher: inout Hasher) { rawValue.hashBytes(into: &hasher) }
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

/// A name to find events by, such as `company:planet-express`.
public struct EventTag: Name {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// The name of a value beside an event's payload, such as `correlationId`.
public struct MetadataKey: Name {
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
