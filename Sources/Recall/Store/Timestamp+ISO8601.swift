// Moments as text: RFC 3339, always in UTC and always with six digits when written, so that texts
// sort like the moments they name. Written by hand because Foundation's formatters lose microseconds
// and take several times as long, and every event passes here when a log is printed or imported.

extension Timestamp: CustomStringConvertible {
    /// The moment as RFC 3339 text in UTC, always with six digits: `2026-11-23T10:15:30.123456Z`.
    ///
    /// Years outside 0001...9999, which RFC 3339 cannot write, get a sign and no leading zeros, as `+10000-01-01T…`.
    public var iso8601: String {
        let (seconds, microseconds) = microsecondsSince1970.flooredDivision(by: 1_000_000)
        var text = CivilText.text(seconds: seconds)
        text.append(Self.fraction(microseconds))
        return text
    }

    public var description: String { iso8601 }

    /// The six digits behind the seconds, with their point before and a Z behind them.
    private static func fraction(_ microseconds: Int64) -> String {
        String(unsafeUninitializedCapacity: 8) { buffer in
            buffer[0] = UInt8(ascii: ".")
            var rest = microseconds
            for index in stride(from: 6, through: 1, by: -1) {
                buffer[index] = UInt8(48 + rest % 10)
                rest /= 10
            }
            buffer[7] = UInt8(ascii: "Z")
            return 8
        }
    }

    /// The moment that an RFC 3339 text names, or nil where it is none.
    ///
    /// A fraction of one to nine digits may follow the seconds; what is finer than a microsecond is cut
    /// off. The offset is `Z` or `±hh:mm`. Years are 0001...9999, or any others with a sign and without leading zeros, as
    /// they are written; a day that the month does not have, and the leap second 60, are refused.
    public init?(iso8601 text: String) {
        var text = text
        let parsed = text.withUTF8 { bytes in Timestamp.microseconds(parsing: bytes) }
        guard let parsed else { return nil }
        self.init(microsecondsSince1970: parsed)
    }

    private static func microseconds(parsing bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard let moment = CivilText(bytes), moment.fraction.count <= 9 else { return nil }
        var microseconds: Int64 = 0
        for place in 0 ..< 6 {
            let digit = place < moment.fraction.count ? bytes[moment.fraction.lowerBound + place] - 48 : 0
            microseconds = microseconds * 10 + Int64(digit)
        }
        // The first moment there is begins inside of a second that is not there as a whole.
        return Int64(exactly: Int128(moment.seconds) * 1_000_000 + Int128(microseconds))
    }
}
