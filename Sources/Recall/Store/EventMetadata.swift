// What is known about an event beside what happened: who caused it, and what belongs together.
//
// Invariant: keys and values are the same when their bytes are, as everywhere in a store.

/// Names and values beside an event's payload, correlation and causation among them. Equal when the bytes of all keys
/// and values are.
public struct EventMetadata: Sendable, ExpressibleByDictionaryLiteral {
    /// Everything by key, the two ids below among it. `StoreLimits` says how many and how long they may be.
    public var values: [MetadataKey: String]

    /// Metadata with these values; none unless some are given.
    public init(_ values: [MetadataKey: String] = [:]) { self.values = values }

    /// Metadata with these values. Of keys that only look alike the dictionary itself holds one.
    public init(_ values: [String: String]) {
        self.values = Dictionary(
            values.lazy.map { (MetadataKey($0.key), $0.value) }, uniquingKeysWith: { _, last in last })
    }

    public init(dictionaryLiteral elements: (String, String)...) {
        values = Dictionary(
            elements.lazy.map { (MetadataKey($0.0), $0.1) }, uniquingKeysWith: { _, last in last })
    }

    /// The value of a key; nil where it is not set. Assigning nil removes it. Keys are told apart by their bytes.
    public subscript(key: String) -> String? {
        get { values[MetadataKey(key)] }
        set { values[MetadataKey(key)] = newValue }
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

    /// The keys with their values, in the order of the keys' bytes: the same for the same metadata.
    package var sorted: [(key: MetadataKey, value: String)] { values.sorted { $0.key < $1.key } }
}

extension EventMetadata: Hashable {
    public static func == (left: EventMetadata, right: EventMetadata) -> Bool {
        left.values.count == right.values.count
            && left.values.allSatisfy { key, value in right.values[key]?.hasSameBytes(as: value) == true }
    }

    public func hash(into hasher: inout Hasher) {
        // Each pair by itself, since a dictionary has no order.
        var combined = 0
        for (key, value) in values {
            var pair = Hasher()
            pair.combine(key)
            value.hashBytes(into: &pair)
            combined ^= pair.finalize()
        }
        hasher.combine(combined)
    }
}
