// Moments as text: RFC 3339, always in UTC and always with six digits when written, so that texts
// sort like the moments they name. Written by hand because Foundation's formatters lose microseconds
// and take several times as long, and every event passes here when a log is printed or imported.

extension Timestamp: CustomStringConvertible {
    /// The moment as RFC 3339 text in UTC, always with six digits: `2026-11-23T10:15:30.123456Z`.
    ///
    /// Years outside 0001...9999, which RFC 3339 cannot write, get a sign and are not read back.
    public var iso8601: String {
        let secondsTotal = microsecondsSince1970.flooredDivision(by: 1_000_000)
        let microseconds = secondsTotal.remainder
        let day = secondsTotal.quotient.flooredDivision(by: 86_400)
        let date = CivilDate(daysSince1970: day.quotient)
        if date.year < 1 || date.year > 9999 {
            let sign = date.year < 0 ? "-" : "+"
            let rest = Timestamp.text(
                year: 0, date: date, secondOfDay: day.remainder, microseconds: microseconds)
            return sign + String(date.year.magnitude) + rest.dropFirst(4)
        }
        return Timestamp.text(
            year: date.year, date: date, secondOfDay: day.remainder, microseconds: microseconds)
    }

    public var description: String { iso8601 }

    private static func text(
        year: Int64, date: CivilDate, secondOfDay: Int64, microseconds: Int64
    ) -> String {
        String(unsafeUninitializedCapacity: 27) { buffer in
            func write(_ value: Int64, digits: Int, at index: Int) {
                var rest = value
                for offset in stride(from: digits - 1, through: 0, by: -1) {
                    buffer[index + offset] = UInt8(48 + rest % 10)
                    rest /= 10
                }
            }
            write(year, digits: 4, at: 0)
            buffer[4] = UInt8(ascii: "-")
            write(date.month, digits: 2, at: 5)
            buffer[7] = UInt8(ascii: "-")
            write(date.day, digits: 2, at: 8)
            buffer[10] = UInt8(ascii: "T")
            write(secondOfDay / 3600, digits: 2, at: 11)
            buffer[13] = UInt8(ascii: ":")
            write(secondOfDay / 60 % 60, digits: 2, at: 14)
            buffer[16] = UInt8(ascii: ":")
            write(secondOfDay % 60, digits: 2, at: 17)
            buffer[19] = UInt8(ascii: ".")
            write(microseconds, digits: 6, at: 20)
            buffer[26] = UInt8(ascii: "Z")
            return 27
        }
    }

    /// The moment that an RFC 3339 text names, or nil where it is none.
    ///
    /// A fraction of one to nine digits may follow the seconds; what is finer than a microsecond is cut
    /// off. The offset is `Z` or `±hh:mm`. Years are 0001...9999, in UTC too; a day that the month does not have, and
    /// the leap second 60, are refused.
    public init?(iso8601 text: String) {
        var text = text
        let parsed = text.withUTF8 { bytes in Timestamp.microseconds(parsing: bytes) }
        guard let parsed else { return nil }
        self.init(microsecondsSince1970: parsed)
    }

    /// The years 0001...9999 in UTC, in seconds since 1970.
    private static let secondsWritable =
        CivilDate(year: 1, month: 1, day: 1).daysSince1970 * 86_400
        ..< CivilDate(year: 10_000, month: 1, day: 1).daysSince1970 * 86_400

    private static func microseconds(parsing bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
        var reader = DigitReader(bytes: bytes)
        guard let year = reader.digits(4), year >= 1, reader.skip("-"),
            let month = reader.digits(2), (1 ... 12).contains(month), reader.skip("-"),
            let day = reader.digits(2), day >= 1, day <= CivilDate.dayCount(year: year, month: month),
            reader.skip("T") || reader.skip("t") || reader.skip(" "),
            let hour = reader.digits(2), hour <= 23, reader.skip(":"),
            let minute = reader.digits(2), minute <= 59, reader.skip(":"),
            let second = reader.digits(2), second <= 59
        else { return nil }
        var microseconds: Int64 = 0
        if reader.skip(".") {
            guard let fraction = reader.fraction() else { return nil }
            microseconds = fraction
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
        let seconds = days * 86_400 + hour * 3600 + (minute - offsetMinutes) * 60 + second
        // An offset can lead out of the years that can be written again.
        guard secondsWritable.contains(seconds) else { return nil }
        return seconds * 1_000_000 + microseconds
    }
}

/// Reads fixed-width numbers from text, and never past its end.
private struct DigitReader {
    /// Valid inside the `withUTF8` that lent it.
    let bytes: UnsafeBufferPointer<UInt8>
    var index = 0

    var isAtEnd: Bool { index == bytes.count }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard index < bytes.count, UInt32(bytes[index]) == character.value else { return false }
        index += 1
        return true
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

    /// One to nine digits of a fraction, in microseconds.
    mutating func fraction() -> Int64? {
        var value: Int64 = 0
        var count = 0
        while count < 9, let digit = digit() {
            if count < 6 { value = value * 10 + digit }
            count += 1
        }
        guard count > 0 else { return nil }
        while count < 6 {
            value *= 10
            count += 1
        }
        return value
    }
}
