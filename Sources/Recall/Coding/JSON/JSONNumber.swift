// A number of a payload. JSON does not say how many digits a number has, and whoever reads one into a Double has changed it:
// so it stays the text that was written until somebody asks for a type.
//
// Invariant: the text is a number as RFC 8259 spells them.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A number, as it is spelled. `1.0`, `1` and `1e0` are three texts, and not equal.
public struct JSONNumber: Hashable, Sendable {
    /// The number as it stands in JSON.
    public let text: String

    /// The number that a text spells; nil where JSON knows no such number.
    public init?(_ text: String) {
        func isDigit(_ byte: UInt8?) -> Bool { byte.map { (48 ... 57).contains($0) } == true }
        let first = text.utf8.first
        var copy = text
        guard first == UInt8(ascii: "-") || isDigit(first), isDigit(text.utf8.last),
            copy.withUTF8({ JSONScanner.isValue($0.span) })
        else { return nil }
        self.text = text
    }

    /// - Parameter checked: the text of a number.
    init(checked: String) { text = checked }

    /// A whole number.
    public init(_ value: some BinaryInteger) { text = value.description }

    /// The shortest text that reads back as the same number; nil for one that is not finite, which JSON cannot express.
    public init?(_ value: Double) {
        guard value.isFinite else { return nil }
        text = Self.text(value.description)
    }

    /// All digits of a decimal number; nil for one that is not a number.
    public init?(_ value: Decimal) {
        guard value.isFinite else { return nil }
        text = value.description
    }

    /// Without the fraction of a whole number, as Foundation writes it.
    static func text(_ description: String) -> String {
        description.hasSuffix(".0") ? String(description.dropLast(2)) : description
    }

    private var digits: NumberDigits {
        var text = text
        return text.withUTF8 { NumberDigits($0) }
    }

    /// The number with all of its digits; nil where a `Decimal` cannot hold them.
    public var decimal: Decimal? { digits.decimal }

    /// The number, where it is a whole one from `Int64.min` to `Int64.max`, however it is spelled.
    public var int64: Int64? { digits.integer(Int64.self) }

    /// The number, where it is a whole one up to `UInt64.max`, however it is spelled.
    public var uint64: UInt64? { digits.integer(UInt64.self) }

    /// The nearest `Double`; nil where the number is beyond all of them, such as `1e400`.
    public var double: Double? {
        guard let value = Double(text), value.isFinite else { return nil }
        return value
    }

    public static func == (left: JSONNumber, right: JSONNumber) -> Bool {
        left.text.hasSameBytes(as: right.text)
    }

    public func hash(into hasher: inout Hasher) { text.hashBytes(into: &hasher) }
}

extension JSONNumber: CustomStringConvertible {
    public var description: String { text }
}
