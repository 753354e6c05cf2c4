// A date in a payload was a bare number of seconds since 2001, which nobody can read, because Foundation's ISO 8601 loses what
// is finer than a second. It is text now that loses nothing: each `Date` comes back as the very same.

import Foundation
@testable import Recall
import RecallTestKit
import Testing

struct DateTextTests {
    struct Dated: Codable, Equatable { var date: Date }

    private func text(_ date: Date) throws -> String {
        String(decoding: try StoredJSON.encode(Dated(date: date)), as: UTF8.self)
    }

    @Test(
        arguments: [
            (0, "2001-01-01T00:00:00Z"), (0.5, "2001-01-01T00:00:00.5Z"), (-0.25, "2000-12-31T23:59:59.75Z"),
            (-1, "2000-12-31T23:59:59Z"), (0.1, "2001-01-01T00:00:00.1Z"),
            (-978_307_200, "1970-01-01T00:00:00Z"), (-978_307_200.125, "1969-12-31T23:59:59.875Z"),
            (817_121_730.123_456, "2026-11-23T10:15:30.123456Z"),
            (1e-9, "2001-01-01T00:00:00.000000001Z"), (252_423_993_600, "+10000-01-01T00:00:00Z"),
            (-63_113_904_001, "+0-12-31T23:59:59Z"),
        ] as [(Double, String)])
    func datesAreISO8601(seconds: Double, expected: String) throws {
        let date = Date(timeIntervalSinceReferenceDate: seconds)
        #expect(try text(date) == "{\"date\":\"\(expected)\"}")
        #expect(DateText.date(expected) == date)
    }

    private func checkComesBack(_ seconds: Double) throws {
        let date = Date(timeIntervalSinceReferenceDate: seconds)
        let data = try StoredJSON.encode(Dated(date: date))
        let back = try StoredJSON.decode(Dated.self, from: data)
        #expect(
            back.date.timeIntervalSinceReferenceDate == seconds,
            "\(seconds): \(String(decoding: data, as: UTF8.self))")
        guard let text = DateText.text(date), let point = text.lastIndex(of: ".") else { return }
        // One digit less would be another date.
        let digits = text[text.index(after: point)...].dropLast()
        #expect(digits.last != "0")
        let number = Int(digits.dropLast().suffix(15)) ?? 0
        if digits.count > 1, digits.count <= 16, number < 999_999_999_999_999 {
            for shorter in ["\(digits.dropLast())", String(format: "%0\(digits.count - 1)d", number + 1)] {
                #expect(DateText.date("\(text[...point])\(shorter)Z") != date, "\(text)")
            }
        }
    }

    @Test func everyKindOfDateComesBack() throws {
        let dates: [Date] = [
            .distantPast, .distantFuture, Date(timeIntervalSince1970: 0), Date(timeIntervalSince1970: 1e-7),
            .now,
        ]
        for date in dates { try checkComesBack(date.timeIntervalSinceReferenceDate) }
        for seconds in [
            0.1, 815_000_000.123_456_7, -1e-9, 1 / 3.0, -1 / 3.0, .leastNonzeroMagnitude,
            -.leastNonzeroMagnitude,
            .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 9_007_199_254_740_994, 1e15 + 0.125, 3.9e18,
            4.1e18,
            -3.9e18, 1e22, -0.0, 1e-300, -1e-300, 0.999_999_999_999_999_9, -0.999_999_999_999_999_9,
        ] {
            try checkComesBack(seconds)
        }
    }

    @Test(arguments: TestEffort.seeds(1 ... 20))
    func anyDateComesBack(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0 ..< 100 {
            try checkComesBack(Double.random(in: -3e9 ... 3e9, using: &random))
            try checkComesBack((Double.random(in: -3e9 ... 3e9, using: &random) * 1e6).rounded() / 1e6)
            let any = Double(bitPattern: random.next())
            if any.isFinite { try checkComesBack(any) }
        }
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func aDateThatIsNoneIsRefused(seconds: Double) {
        #expect(throws: EncodingError.self) {
            try StoredJSON.encode(Dated(date: Date(timeIntervalSinceReferenceDate: seconds)))
        }
    }

    @Test func otherSpellingsAndTheNumbersOfEarlierPayloadsAreRead() throws {
        func read(_ json: String) -> Double? {
            try? StoredJSON.decode(Dated.self, from: Data("{\"date\":\(json)}".utf8)).date
                .timeIntervalSinceReferenceDate
        }
        #expect(read("0.5") == 0.5)
        #expect(read("-978307200") == -978_307_200)
        #expect(read("\"2001-01-01T02:00:00.50+02:00\"") == 0.5)
        #expect(read("\"2001-01-01t00:00:00z\"") == 0)
        #expect(read("\"2001-01-01\"") == nil)
        #expect(read("\"2001-02-29T00:00:00Z\"") == nil)
        #expect(read("\"\"") == nil)
        #expect(read("\"+2001-01-01T00:00:00Z\"") == nil)
        #expect(read("\"+999999999999999999999-01-01T00:00:00Z\"") == nil)
        #expect(read("null") == nil)
        #expect(read("1e999") == nil)
    }
}
