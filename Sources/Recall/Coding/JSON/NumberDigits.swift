// A number of JSON as its digits: what it is exactly, before any type of the machine rounds it.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The significant digits of a number and where its point stands.
struct NumberDigits {
    var isNegative: Bool
    /// Without zeros at either end; empty for zero.
    var digits: [UInt8]
    /// The number is 0.digits times ten to this power; 0 for zero. Held inside of ±1,000,000,000, far beyond every type.
    var pointPosition: Int

    /// - Parameter text: a number as JSON has it, which was checked.
    init(_ text: UnsafeBufferPointer<UInt8>) {
        var index = 0
        isNegative = text.count > 0 && text[0] == UInt8(ascii: "-")
        if isNegative { index = 1 }
        digits = []
        pointPosition = 0
        var isBehindPoint = false
        var exponent = 0
        scan: while index < text.count {
            let byte = text[index]
            index += 1
            switch byte {
            case UInt8(ascii: "."): isBehindPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                exponent = Self.exponent(text, from: index)
                break scan
            default:
                if digits.isEmpty, byte == UInt8(ascii: "0") {
                    if isBehindPoint { pointPosition -= 1 }
                } else {
                    digits.append(byte - UInt8(ascii: "0"))
                    if !isBehindPoint { pointPosition += 1 }
                }
            }
        }
        while digits.last == 0 { digits.removeLast() }
        pointPosition = digits.isEmpty ? 0 : pointPosition + exponent
    }

    private static func exponent(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var index = start
        let isNegative = index < text.count && text[index] == UInt8(ascii: "-")
        if index < text.count, isNegative || text[index] == UInt8(ascii: "+") { index += 1 }
        var value = 0
        while index < text.count {
            value = min(value * 10 + Int(text[index] - UInt8(ascii: "0")), 1_000_000_000)
            index += 1
        }
        return isNegative ? -value : value
    }

    /// The number, where it is a whole one that the type holds.
    func integer<Value: FixedWidthInteger>(_ type: Value.Type) -> Value? {
        if digits.isEmpty { return 0 }
        // No type has a hundred digits, so that there is nothing to count for a number of a million.
        guard pointPosition >= digits.count, pointPosition <= 100 else { return nil }
        var value: Value = 0
        for index in 0 ..< pointPosition {
            let digit = index < digits.count ? Value(digits[index]) : 0
            let (product, didOverflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, didPass) =
                isNegative
                ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
            if didOverflow || didPass { return nil }
            value = sum
        }
        return value
    }

    /// The number, where a `Decimal` holds all of its digits.
    var decimal: Decimal? {
        if digits.isEmpty { return 0 }
        let exponent = pointPosition - digits.count
        // A significand of 128 bits holds every number of 38 digits, and an exponent of 8 bits with a sign is -128 to 127.
        guard digits.count <= 38, exponent >= -128, exponent <= 127 + 37 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        let split = max(0, digits.count - 19)
        for (index, digit) in digits.enumerated() {
            if index < split { high = high * 10 + UInt64(digit) } else { low = low * 10 + UInt64(digit) }
        }
        var significand = Decimal(low)
        if high > 0 {
            significand += Decimal(sign: .plus, exponent: 19, significand: Decimal(high))
        }
        // What is left of a large exponent goes into the significand, as far as there is room.
        var rest = exponent
        while rest > 127 {
            guard digits.count + (exponent - rest) < 38 else { return nil }
            significand *= 10
            rest -= 1
        }
        let value = Decimal(sign: isNegative ? .minus : .plus, exponent: rest, significand: significand)
        return value.isFinite ? value : nil
    }
}
