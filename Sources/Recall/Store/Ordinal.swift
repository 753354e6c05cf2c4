// What Position and Version have in common: both count from 1, and 0 stands before the first.
// They are two types so that the compiler refuses one where the other is meant.

/// A number that counts events from 1 without gaps; 0 stands before the first event.
public protocol Ordinal: RawRepresentable, Hashable, Comparable, Sendable, Codable,
    CodingKeyRepresentable, ExpressibleByIntegerLiteral, CustomStringConvertible
where RawValue == UInt64, IntegerLiteralType == UInt64 {
    /// The number itself; 0 stands before the first event.
    init(rawValue: UInt64)
}

extension Ordinal {
    public init(integerLiteral value: UInt64) { self.init(rawValue: value) }

    /// The number itself; 0 stands before the first event.
    public init(_ value: UInt64) { self.init(rawValue: value) }

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// Before the first event: the value of a store, or an aggregate, that holds nothing.
    public static var beforeFirst: Self { Self(rawValue: 0) }

    /// The first event.
    public static var first: Self { Self(rawValue: 1) }

    /// The last value there can be.
    public static var last: Self { Self(rawValue: .max) }

    /// The value `count` events later, or `last` where that would overflow.
    public func advanced(by count: UInt64) -> Self {
        let (sum, didOverflow) = rawValue.addingReportingOverflow(count)
        return didOverflow ? .last : Self(rawValue: sum)
    }

    /// The value one event later.
    public var next: Self { advanced(by: 1) }

    /// The value one event earlier, or `beforeFirst`.
    public var previous: Self { Self(rawValue: rawValue == 0 ? 0 : rawValue - 1) }

    public var description: String { String(rawValue) }

    /// The number as the key of an object.
    public var codingKey: any CodingKey { TextKey(description) }

    /// The number that a key of an object spells as it is written; nil for any other text.
    public init?(codingKey: some CodingKey) {
        guard let value = UInt64(codingKey.stringValue), TextKey("\(value)") == TextKey(codingKey.stringValue)
        else { return nil }
        self.init(rawValue: value)
    }
}

/// The place of an event in its store: global, gapless, monotonic from 1, assigned when it is committed.
public struct Position: Ordinal {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// The place of an event in the stream of its own aggregate or entity: gapless from 1.
public struct Version: Ordinal {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}
