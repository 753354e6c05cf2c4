// Days since 1970 to year, month and day, and back, in the proleptic Gregorian calendar.
//
// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil and
// civil_from_days (https://howardhinnant.github.io/date_algorithms.html, public domain).

/// A day of the proleptic Gregorian calendar.
struct CivilDate: Hashable, Sendable {
    var year: Int64
    /// 1...12.
    var month: Int64
    /// 1...31.
    var day: Int64

    init(year: Int64, month: Int64, day: Int64) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// Years begin on 1 March here, so that the leap day is the last of its year; an era is the 400
    /// years after which the calendar repeats, 146,097 days.
    init(daysSince1970: Int64) {
        let shifted = (daysSince1970 + 719_468).flooredDivision(by: 146_097)
        let dayOfEra = shifted.remainder
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + shifted.quotient * 400 + (month <= 2 ? 1 : 0)
    }

    var daysSince1970: Int64 {
        let era = (month <= 2 ? year - 1 : year).flooredDivision(by: 400)
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfEra = era.remainder * 365 + era.remainder / 4 - era.remainder / 100 + dayOfYear
        return era.quotient * 146_097 + dayOfEra - 719_468
    }

    /// How many days a month has; `month` is 1...12.
    static func dayCount(year: Int64, month: Int64) -> Int64 {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Int64 {
    /// Division that rounds towards negative infinity, so that the remainder is never negative.
    /// `divisor` is positive.
    func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
