// A moment as RFC 3339 text, as far as whole seconds go. Timestamps and dates of payloads share it, and add their fractions.
//
// Invariant: what is written is read back as the same second. Years that RFC 3339 cannot write have a sign and no leading
// zeros, and no others have one.

/// What a text of RFC 3339 says.
struct CivilText {
    /// Seconds since 1970-01-01T00:00:00Z without leap seconds.
    var seconds: Int64
    /// Where the digits behind the seconds stand in the text; empty for none.
    var fraction: Range<Int>

    /// The longest year that is read: beyond what a `Timestamp` or a `Date` reaches, and short enough to be reckoned with.
    private static let yearMax: Int64 = 150_000_000_000

    /// Reads a whole text; nil where it names no moment. The offset is `Z` or `±hh:mm`.
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        var reader = DigitReader(bytes: bytes)
        guard let year = reader.year(max: Self.yearMax), reader.skip("-"),
            let month = reader.digits(2), (1 ... 12).contains(month), reader.skip("-"),
            let day = reader.digits(2), day >= 1, day <= CivilDate.dayCount(year: year, month: month),
            reader.skip("T") || reader.skip("t") || reader.skip(" "),
            let hour = reader.digits(2), hour <= 23, reader.skip(":"),
            let minute = reader.digits(2), minute <= 59, reader.skip(":"),
            let second = reader.digits(2), second <= 59
        else { return nil }
        fraction = 0 ..< 0
        if reader.skip(".") {
            fraction = reader.digitRange()
            if fraction.isEmpty { return nil }
        }
        var offsetMinutes: Int64 = 0
        if !(reader.skip("Z") || reader.skip("z")) {
            let isNegative = reader.skip("-")
            guard isNegative || reader.skip("+"), let hours = reader.digits(2), hours <= 23,
                reader.skip(":"), let minutes = reader.digits(2), minutes <= 59
            else { return nil }
            offsetMinutes = (isNegative ? -1 : 1) * (hours * 60 + minutes)
        }
        guard reader.isAtEnd else { return nil }
        let days = CivilDate(year: year, month: month, day: day).daysSince1970
        seconds = days * 86_400 + hour * 3600 + (minute - offsetMinutes) * 60 + second
    }

    /// The whole second as text, without an offset: `2026-11-23T10:15:30`.
    static func text(seconds: Int64) -> String {
        let day = seconds.flooredDivision(by: 86_400)
        let date = CivilDate(daysSince1970: day.quotient)
        let isFourDigits = date.year >= 1 && date.year <= 9999
        let rest = String(unsafeUninitializedCapacity: 19) { buffer in
            func write(_ value: Int64, digits: Int, at index: Int) {
                var rest = value
                for offset in stride(from: digits - 1, through: 0, by: -1) {
                    buffer[index + offset] = UInt8(48 + rest % 10)
                    rest /= 10
                }
            }
            write(isFourDigits ? date.year : 0, digits: 4, at: 0)
            buffer[4] = UInt8(ascii: "-")
            write(date.month, digits: 2, at: 5)
            buffer[7] = UInt8(ascii: "-")
            write(date.day, digits: 2, at: 8)
            buffer[10] = UInt8(ascii: "T")
            write(day.remainder / 3600, digits: 2, at: 11)
            buffer[13] = UInt8(ascii: ":")
            write(day.remainder / 60 % 60, digits: 2, at: 14)
            buffer[16] = UInt8(ascii: ":")
            write(day.remainder % 60, digits: 2, at: 17)
            return 19
        }
        return isFourDigits
            ? rest : (date.year < 0 ? "-" : "+") + String(date.year.magnitude) + rest.dropFirst(4)
    }
}

/// Reads numbers from text, and never past its end.
private struct DigitReader {
    /// Valid inside the call that lent it.
    let bytes: UnsafeBufferPointer<UInt8>
    var index = 0

    var isAtEnd: Bool { index == bytes.count }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard index < bytes.count, UInt32(bytes[index]) == character.value else { return false }
        index += 1
        return true
    }

    /// A year as it is written: four digits from 0001, or a sign and as many as it takes for one outside of those.
    mutating func year(max: Int64) -> Int64? {
        let isNegative = skip("-")
        guard isNegative || skip("+") else {
            guard let year = digits(4), year >= 1 else { return nil }
            return year
        }
        let start = index
        var value: Int64 = 0
        while let digit = digit() {
            value = value * 10 + digit
            if value > max { return nil }
        }
        guard index > start, bytes[start] != UInt8(ascii: "0") || index == start + 1 else { return nil }
        if isNegative { return value == 0 ? nil : -value }
        return (1 ... 9999).contains(value) ? nil : value
    }

    mutating func digit() -> Int64? {
        guard index < bytes.count else { return nil }
        let value = bytes[index] &- 48
        guard value <= 9 else { return nil }
        index += 1
        return Int64(value)
    }

    mutating func digits(_ count: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0 ..< count {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// Where the digits stand that come next, however many.
    mutating func digitRange() -> Range<Int> {
        let start = index
        while digit() != nil {}
        return start ..< index
    }
}
