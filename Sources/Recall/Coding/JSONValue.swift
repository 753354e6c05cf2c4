// JSON of any shape, for upcasters: they change payloads whose Swift type no longer exists.

/// Any JSON value. Whole numbers keep all their digits, up to 64 bits.
public enum JSONValue: Hashable, Sendable {
    /// JSON's `null`, which is not the same as a key that is missing.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A whole number from `Int64.min` to `Int64.max`.
    case integer(Int64)
    /// A whole number above `Int64.max`.
    case unsignedInteger(UInt64)
    /// Any other number, rounded to the nearest `Double`.
    case number(Double)
    /// Text, with its escapes resolved.
    case string(String)
    /// Values in order.
    case array([JSONValue])
    /// Values by key. The order of the keys is not kept: upcast payloads have them sorted.
    case object([String: JSONValue])

    /// A value of an object; nil where this is none, or has no such key. Assigning to what is not an
    /// object does nothing.
    public subscript(key: String) -> JSONValue? {
        get {
            guard case .object(let values) = self else { return nil }
            return values[key]
        }
        set {
            guard case .object(var values) = self else { return }
            values[key] = newValue
            self = .object(values)
        }
    }

    /// The text, where this is a string.
    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The number, where this is a whole one that fits.
    public var integer: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The number, where this is one; a whole one is rounded where it has more than 53 bits.
    public var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .unsignedInteger(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// The truth value, where this is one.
    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The elements, where this is an array.
    public var array: [JSONValue]? {
        if case .array(let values) = self { values } else { nil }
    }

    /// The values by key, where this is an object.
    public var object: [String: JSONValue]? {
        if case .object(let values) = self { values } else { nil }
    }
}

extension JSONValue: Codable {
    /// Takes any JSON. A whole number becomes `integer` where it fits, then `unsignedInteger`, else `number`.
    /// - Throws: `DecodingError`, where the decoder holds none of the kinds of value that JSON has.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(UInt64.self) {
            self = .unsignedInteger(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let values = try? container.decode([JSONValue].self) {
            self = .array(values)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .unsignedInteger(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let values): try container.encode(values)
        case .object(let values): try container.encode(values)
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
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
        self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
}
