// The name and schema version of a payload, together: what a stored event says about its bytes.

/// A kind of event at a version of its schema.
public struct EventSchema: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The name under which the event is stored.
    public var type: EventType
    /// From 1.
    public var version: UInt32

    /// A kind of event at a version, from 1.
    public init(_ type: EventType, version: UInt32) {
        self.type = type
        self.version = version
    }

    /// Version 1 of a kind of event.
    public init(stringLiteral value: String) { self.init(EventType(value), version: 1) }

    public var description: String { "\"\(type)\" (schema version \(version))" }
}
