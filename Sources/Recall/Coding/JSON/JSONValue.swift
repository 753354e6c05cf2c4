// JSON of any shape, for upcasters: they change payloads whose Swift type no longer exists.
//
// Invariant: what nobody has changed is written again as it was read, but for white space between values: numbers with
// their digits, strings with their escapes, members in their order, keys that stand twice. An upcaster that adds a currency
// must not round an amount.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Any JSON value. What is not changed keeps its spelling, numbers above all: see docs/json.md.
public struct JSONValue: Hashable, Sendable {
    /// What a value is.
    public enum Kind: Hashable, Sendable { case null, bool, number, string, array, object }

    enum Storage: Hashable, Sendable {
        case null
        case bool(Bool)
        case number(JSONNumber)
        case string(JSONString)
        case array([JSONValue])
        case object(JSONObject)
    }

    var storage: Storage

    init(_ storage: Storage) { self.storage = storage }

    // MARK: Making values

    /// JSON's `null`, which is not the same as a key that is missing.
    public static let null = JSONValue(.null)
    /// `true` or `false`.
    public static func bool(_ value: Bool) -> JSONValue { JSONValue(.bool(value)) }
    /// A whole number.
    public static func integer(_ value: some BinaryInteger) -> JSONValue { .number(JSONNumber(value)) }
    /// A number with its spelling.
    public static func number(_ value: JSONNumber) -> JSONValue { JSONValue(.number(value)) }
    /// The shortest number that reads back as this one; `null` for one that is not finite, which JSON cannot express.
    public static func number(_ value: Double) -> JSONValue { JSONNumber(value).map { .number($0) } ?? .null }
    /// All digits of a decimal number; `null` for one that is not a number.
    public static func number(_ value: Decimal) -> JSONValue {
        JSONNumber(value).map { .number($0) } ?? .null
    }
    /// Text.
    public static func string(_ value: String) -> JSONValue { JSONValue(.string(JSONString(value))) }
    /// Values in order.
    public static func array(_ values: [JSONValue]) -> JSONValue { JSONValue(.array(values)) }

    /// Values by key, in this order. Of a key that stands several times the last value is taken.
    public static func object(_ members: KeyValuePairs<String, JSONValue> = [:]) -> JSONValue {
        var object = JSONObject()
        for (key, value) in members { object[key] = value }
        return JSONValue(.object(object))
    }

    // MARK: Asking for them

    /// What the value is.
    public var kind: Kind {
        switch storage {
        case .null: .null
        case .bool: .bool
        case .number: .number
        case .string: .string
        case .array: .array
        case .object: .object
        }
    }

    /// Whether this is `null`.
    public var isNull: Bool { kind == .null }

    /// The truth value, where this is one.
    public var bool: Bool? {
        if case .bool(let value) = storage { value } else { nil }
    }

    /// The number with its spelling, where this is one.
    public var number: JSONNumber? {
        if case .number(let value) = storage { value } else { nil }
    }

    /// The number, where this is a whole one from `Int64.min` to `Int64.max`.
    public var integer: Int64? { number?.int64 }

    /// The number, where this is a whole one up to `UInt64.max`.
    public var unsignedInteger: UInt64? { number?.uint64 }

    /// The number with all of its digits, where this is one that a `Decimal` holds.
    public var decimal: Decimal? { number?.decimal }

    /// The nearest `Double`, where this is a number and not beyond all of them.
    public var double: Double? { number?.double }

    /// The text, where this is a string that is text: JSON may hold half of a surrogate pair, which is none.
    public var string: String? {
        if case .string(let value) = storage, !value.isBroken { value.text } else { nil }
    }

    /// The elements, where this is an array.
    public var array: [JSONValue]? {
        if case .array(let values) = storage { values } else { nil }
    }

    /// The keys in their order, where this is an object; one that stands several times as often as it does.
    public var keys: [String]? {
        if case .object(let object) = storage { object.members.map(\.key.text) } else { nil }
    }

    /// A value of an object; nil where this is none, or has no such key. Of a key that stands several times it is the first.
    /// Assigning puts the value in the place of the first and removes the others, or appends it; assigning nil removes
    /// all. Assigning to what is not an object does nothing. Keys are told apart by their bytes.
    public subscript(key: String) -> JSONValue? {
        get {
            if case .object(let object) = storage { object[key] } else { nil }
        }
        set {
            guard case .object(var object) = storage else { return }
            storage = .null
            object[key] = newValue
            storage = .object(object)
        }
    }

    /// An element of an array; nil where this is none, or has no such element. Assigning puts it in place of one that is
    /// there, and does nothing otherwise; assigning nil removes it.
    public subscript(index: Int) -> JSONValue? {
        get {
            guard case .array(let values) = storage, values.indices.contains(index) else { return nil }
            return values[index]
        }
        set {
            guard case .array(var values) = storage, values.indices.contains(index) else { return }
            storage = .null
            if let newValue { values[index] = newValue } else { values.remove(at: index) }
            storage = .array(values)
        }
    }
}

extension JSONValue: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(nilLiteral: ()) { self = .null }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        var object = JSONObject()
        for (key, value) in elements { object[key] = value }
        self.init(.object(object))
    }
}
