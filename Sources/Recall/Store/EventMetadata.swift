// What is known about an event beside what happened: who caused it, and what belongs together.

/// Names and values beside an event's payload, correlation and causation among them.
public struct EventMetadata: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    /// Everything by key, the two ids below among it. `StoreLimits` says how many and how long they may be.
    public var values: [String: String]

    /// Metadata with these values; none unless some are given.
    public init(_ values: [String: String] = [:]) { self.values = values }

    public init(dictionaryLiteral elements: (String, String)...) {
        values = Dictionary(elements, uniquingKeysWith: { _, last in last })
    }

    /// The value of a key; nil where it is not set. Assigning nil removes it. Keys are told apart by case.
    public subscript(key: String) -> String? {
        get { values[key] }
        set { values[key] = newValue }
    }

    /// Whether no key is set, which takes no byte in a log.
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
