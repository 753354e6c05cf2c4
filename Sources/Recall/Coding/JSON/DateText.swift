// A `Date` of a payload as text that a person can read, and that loses nothing: ISO 8601 in UTC with as many digits behind
// the seconds as it takes to read the same `Date` back, and no more.
//
// A `Date` is a `Double` of seconds since 2001. Swift prints of a `Double` the shortest decimal number that reads back as
// the same one, and the moment that it names is as many whole seconds and the same digits behind the point; so the text is
// that number in the words of a calendar, and reading turns it into the number again. Nothing is rounded on the way.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

enum DateText {
    /// From 1970 to 2001.
    private static let secondsBetween: Int64 = 978_307_200
    /// Beyond some hundred billion years a calendar says nothing any more.
    private static let secondsMax = 4.0e18

    /// The text of a date; nil for one that is not finite, or is further away than a calendar goes.
    static func text(_ date: Date) -> String? {
        let number = date.timeIntervalSinceReferenceDate
        guard number.isFinite, abs(number) < secondsMax else { return nil }
        var (whole, digits) = decimal(number.magnitude)
        if number < 0 {
            whole = -whole
            if !digits.isEmpty {
                whole -= 1
                digits = complement(digits)
            }
        }
        var text = CivilText.text(seconds: whole + secondsBetween)
        if !digits.isEmpty {
            text += "."
            text += String(decoding: digits, as: UTF8.self)
        }
        text += "Z"
        return text
    }

    /// The date that a text names; nil where it names none.
    static func date(_ text: String) -> Date? {
        var text = text
        let number = text.withUTF8 { bytes -> Double? in
            guard let moment = CivilText(bytes) else { return nil }
            var digits = Array(bytes[moment.fraction])
            while digits.last == UInt8(ascii: "0") { digits.removeLast() }
            var whole = moment.seconds - secondsBetween
            let isNegative = whole < 0
            if isNegative, !digits.isEmpty {
                whole += 1
                digits = complement(digits)
            }
            return Double(
                "\(isNegative ? "-" : "")\(whole.magnitude).\(String(decoding: digits, as: UTF8.self))0")
        }
        return number.map { Date(timeIntervalSinceReferenceDate: $0) }
    }

    /// The shortest decimal number that reads back as a positive one: its whole part, and the digits behind the point
    /// without zeros at their end.
    private static func decimal(_ number: Double) -> (Int64, [UInt8]) {
        var text = number.description
        let digits = text.withUTF8 { NumberDigits($0) }
        var whole: Int64 = 0
        for index in 0 ..< max(0, digits.pointPosition) {
            whole = whole * 10 + (index < digits.digits.count ? Int64(digits.digits[index]) : 0)
        }
        var fraction = Array(repeating: UInt8(ascii: "0"), count: max(0, -digits.pointPosition))
        fraction += digits.digits.dropFirst(max(0, digits.pointPosition)).map { $0 + 48 }
        return (whole, digits.digits.isEmpty ? [] : fraction)
    }

    /// What is missing to one. The digits have no zero at their end.
    private static func complement(_ digits: [UInt8]) -> [UInt8] {
        digits.indices.map { index in
            index == digits.count - 1 ? 58 - (digits[index] - 48) : 57 - (digits[index] - 48)
        }
    }
}
