// Moments as Foundation has them. A `Date` is a Double of seconds: from the year 1826 to 2106 it tells every microsecond from the next.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension Timestamp {
    /// The microsecond that is nearest to a date; the first or last that there is for one that is further away, and 1970 for one that is
    /// no number.
    public init(_ date: Date) {
        let microseconds = (date.timeIntervalSince1970 * 1_000_000).rounded()
        if let exact = Int64(exactly: microseconds) {
            self.init(microsecondsSince1970: exact)
        } else if microseconds.isNaN {
            self.init(microsecondsSince1970: 0)
        } else {
            self.init(microsecondsSince1970: microseconds < 0 ? .min : .max)
        }
    }

    /// The moment as a date.
    public var date: Date {
        let (seconds, rest) = microsecondsSince1970.quotientAndRemainder(dividingBy: 1_000_000)
        return Date(timeIntervalSince1970: Double(seconds) + Double(rest) / 1_000_000)
    }
}

extension Date {
    /// The date of a moment.
    public init(_ timestamp: Timestamp) { self = timestamp.date }
}
