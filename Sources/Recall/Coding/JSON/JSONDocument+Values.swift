// Values of a text as the types that a payload asks for. Nothing is rounded unseen: a number that a type cannot hold is an
// error, but for the floating-point types, which take the nearest.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension JSONDocument {
    func isNull(_ index: Int) -> Bool { tokens[index].kind == .null }

    func bool(_ index: Int) throws -> Bool {
        switch tokens[index].kind {
        case .true: return true
        case .false: return false
        default: throw mismatch(Bool.self, index)
        }
    }

    func string(_ index: Int) throws -> String {
        let token = tokens[index]
        guard token.kind == .string || token.kind == .escapedString else {
            throw mismatch(String.self, index)
        }
        do {
            return try text(token)
        } catch {
            throw corrupted(error.problem, index)
        }
    }

    func integer<Value: FixedWidthInteger & Decodable>(_ type: Value.Type, _ index: Int) throws -> Value {
        let token = tokens[index]
        guard token.kind == .number else { throw mismatch(type, index) }
        if let value: Value = plainInteger(token) ?? digits(token).integer(type) { return value }
        throw corrupted("The number \(shown(token)) is no \(type)", index)
    }

    /// A whole number that is spelled as one, which nearly all are.
    private func plainInteger<Value: FixedWidthInteger>(_ token: JSONToken) -> Value? {
        let isNegative = bytes[token.start] == UInt8(ascii: "-")
        let first = isNegative ? token.start + 1 : token.start
        // So many digits fit into any sum of an Int64.
        guard token.end - first <= 18 else { return nil }
        var value: Int64 = 0
        for place in first ..< token.end {
            let digit = bytes[place] &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            value = value * 10 + Int64(digit)
        }
        return Value(exactly: isNegative ? -value : value)
    }

    func floatingPoint<Value: BinaryFloatingPoint & LosslessStringConvertible & Decodable>(
        _ type: Value.Type, _ index: Int
    ) throws -> Value {
        let token = tokens[index]
        guard token.kind == .number else { throw mismatch(type, index) }
        guard let value = Value(rawText(token)), value.isFinite else {
            throw corrupted("The number \(shown(token)) is beyond every \(type)", index)
        }
        return value
    }

    private func digits(_ token: JSONToken) -> NumberDigits {
        bytes.withUnsafeBufferPointer { NumberDigits(UnsafeBufferPointer(rebasing: $0[token.range])) }
    }

    private func decimal(_ index: Int) throws -> Decimal {
        let token = tokens[index]
        guard token.kind == .number else { throw mismatch(Decimal.self, index) }
        guard let value = digits(token).decimal else {
            throw corrupted(
                "The number \(shown(token)) has more digits than a Decimal, which holds 38 and an exponent from -128 to 127",
                index)
        }
        return value
    }

    private func date(_ index: Int) throws -> Date {
        // Seconds since 2001: how payloads were stored before dates were text, and dates that no calendar reaches are.
        if tokens[index].kind == .number {
            return Date(timeIntervalSinceReferenceDate: try floatingPoint(Double.self, index))
        }
        let text = try string(index)
        guard let date = DateText.date(text) else {
            throw corrupted("The text is no date as 2026-11-23T10:15:30.5Z is", index)
        }
        return date
    }

    private func data(_ index: Int) throws -> Data {
        let text = try string(index)
        guard let data = Data(base64Encoded: text) else { throw corrupted("The text is no Base64", index) }
        return data
    }

    private func url(_ index: Int) throws -> URL {
        guard let url = URL(string: try string(index)) else { throw corrupted("The text is no URL", index) }
        return url
    }

    /// A value of any type: of those that JSON has no form for here, of all others by their own `init(from:)`.
    func decode<Value: Decodable>(_ type: Value.Type, at index: Int) throws -> Value {
        let special: Any? =
            switch ObjectIdentifier(type) {
            case ObjectIdentifier(Date.self): try date(index)
            case ObjectIdentifier(Decimal.self): try decimal(index)
            case ObjectIdentifier(Data.self): try data(index)
            case ObjectIdentifier(URL.self): try url(index)
            case ObjectIdentifier(JSONValue.self): value(index)
            case ObjectIdentifier(JSONNumber.self): try number(index)
            default: nil
            }
        if let special, let value = special as? Value { return value }
        return try Value(from: JSONReading(document: self, index: index))
    }

    private func number(_ index: Int) throws -> JSONNumber {
        guard tokens[index].kind == .number else { throw mismatch(JSONNumber.self, index) }
        return JSONNumber(checked: rawText(tokens[index]))
    }

    // MARK: Errors

    /// A value of another kind than the type needs. Values are not told, for they may be secret.
    func mismatch(_ type: any Any.Type, _ index: Int, expected: String? = nil) -> DecodingError {
        let context = DecodingError.Context(
            codingPath: path(to: index),
            debugDescription: "Expected \(expected ?? "\(type)"), found \(found(tokens[index].kind))")
        return tokens[index].kind == .null ? .valueNotFound(type, context) : .typeMismatch(type, context)
    }

    func corrupted(_ problem: String, _ index: Int) -> DecodingError {
        .dataCorrupted(DecodingError.Context(codingPath: path(to: index), debugDescription: problem))
    }

    private func found(_ kind: JSONToken.Kind) -> String {
        switch kind {
        case .null: "null"
        case .true, .false: "a truth value"
        case .number: "a number"
        case .string, .escapedString: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    private func shown(_ token: JSONToken) -> String {
        token.end - token.start <= 40 ? rawText(token) : "of \(token.end - token.start) bytes"
    }
}
