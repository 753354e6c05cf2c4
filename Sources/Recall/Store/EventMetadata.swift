// What is known about an event beside what happened: who caused it, and what belongs together.

/// Names and values beside an event's payload, correlation and causation among them.
public struct EventMetadata: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    public var values: [String: String]

    public init(_ values: [String: String] = [:]) { self.values = values }

    public init(dictionaryLiteral elements: (String, String)...) {
        values = Dictionary(elements, uniquingKeysWith: { _, last in last })
    }

    public subscript(key: String) -> String? {
        get { values[key] }
        set { values[key] = newValue }
    }

    public var isEmpty: Bool { values.isEmpty }

    /// What belongs to the same piece of work shares this id. Stored under `correlationId`.
    public var correlationID: String? {
        get { values["correlationId"] }
        set { values["correlationId"] = newValue }
    }

    /// The id of the command or event that led to this one. Stored under `causationId`.
    public var causationID: String? {
        get { values["causationId"] }
        set { values["causationId"] = newValue }
    }
}
