// Moments as text, and back: what is printed is read, and what is no moment is refused.

import Recall
import Testing

struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
            (1_795_428_930_123_456, "2026-11-23T10:15:30.123456Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
            (951_868_800_000_000, "2000-03-01T00:00:00.000000Z"),
            (-62_135_596_800_000_000, "0001-01-01T00:00:00.000000Z"),
            (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
        ] as [(Int64, String)])
    func momentIsWrittenAndReadBack(microseconds: Int64, text: String) {
        #expect(Timestamp(microsecondsSince1970: microseconds).iso8601 == text)
        #expect(Timestamp(iso8601: text)?.microsecondsSince1970 == microseconds)
    }

    @Test(arguments: [
        ("2026-11-23T10:15:30Z", "2026-11-23T10:15:30.000000Z"),
        ("2026-11-23T10:15:30.1Z", "2026-11-23T10:15:30.100000Z"),
        ("2026-11-23T10:15:30.123456789Z", "2026-11-23T10:15:30.123456Z"),
        ("2026-11-23T10:15:30.999999999Z", "2026-11-23T10:15:30.999999Z"),
        ("2026-11-23T10:15:30+02:00", "2026-11-23T08:15:30.000000Z"),
        ("2026-11-23T23:45:30-00:30", "2026-11-24T00:15:30.000000Z"),
        ("2026-11-23T00:15:30+23:59", "2026-11-22T00:16:30.000000Z"),
        ("2026-11-23t10:15:30z", "2026-11-23T10:15:30.000000Z"),
    ])
    func otherSpellingsOfAMomentAreRead(text: String, expected: String) {
        #expect(Timestamp(iso8601: text)?.iso8601 == expected)
    }

    @Test(arguments: [
        "", "2026", "2026-11-23", "2026-11-23T10:15:30", "2026-11-23T10:15Z", "2026-11-23T10:15:30.Z",
        "2026-11-23T10:15:30.1234567890Z", "2026-11-23T24:00:00Z", "2026-11-23T10:60:00Z",
        "2026-11-23T10:15:60Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z",
        "0000-01-01T00:00:00Z", "-0-01-01T00:00:00Z", "+1-01-01T00:00:00Z", "+9999-01-01T00:00:00Z",
        "+010000-01-01T00:00:00Z", "-0005-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "+-01-01T00:00:00Z",
        "+294248-01-01T00:00:00Z", "-290309-12-31T23:59:59Z", "+99999999-01-01T00:00:00Z",
        "+999999999999-01-01T00:00:00Z",
        "2026-11-23T10:15:30+0200", "2026-11-23T10:15:30+24:00",
        "2026-11-23T10:15:30+02:60", "2026-11-23T10:15:30+02", "2026-11-23T10:15:30Zx",
        " 2026-11-23T10:15:30Z", "+2026-11-23T10:15:30Z", "2026-11-23T10:15:3０Z", "-001-01-01T00:00:00Z",
    ])
    func textThatIsNoMomentIsRefused(text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }

    @Test func everyDayOfFourCenturiesComesBack() {
        var previous = ""
        for day in Int64(-60_000) ... Int64(100_000) {
            let moment = Timestamp(microsecondsSince1970: day * 86_400_000_000)
            let text = moment.iso8601
            #expect(text > previous)
            #expect(Timestamp(iso8601: text) == moment)
            previous = text
        }
    }

    /// `replay` printed a year of five digits that `append` refused, so that a store could not be copied by the two.
    @Test(
        arguments: [
            (.min, "-290308-12-21T19:59:05.224192Z"), (.max, "+294247-01-10T04:00:54.775807Z"),
            (253_402_300_800_000_000, "+10000-01-01T00:00:00.000000Z"),
            (-62_135_596_800_000_001, "+0-12-31T23:59:59.999999Z"),
            (-62_167_219_200_000_001, "-1-12-31T23:59:59.999999Z"),
        ] as [(Int64, String)])
    func momentOutsideFourDigitYearsIsWrittenAndReadBack(microseconds: Int64, text: String) {
        #expect(Timestamp(microsecondsSince1970: microseconds).iso8601 == text)
        #expect(Timestamp(iso8601: text)?.microsecondsSince1970 == microseconds)
    }

    @Test func everyMomentIsReadBack() {
        var random = SystemRandomNumberGenerator()
        for shift in 0 ..< 64 {
            for _ in 0 ..< 20 {
                let moment = Timestamp(
                    microsecondsSince1970: Int64(bitPattern: random.next() as UInt64) >> Int64(shift))
                #expect(Timestamp(iso8601: moment.iso8601) == moment, "\(moment.microsecondsSince1970)")
            }
        }
        #expect(
            Timestamp(iso8601: "0001-01-01T00:00:00+00:01")
                == Timestamp(iso8601: "+0-12-31T23:59:00Z"))
    }

    @Test func systemClockIsInThePresentCentury() throws {
        let earliest = try #require(Timestamp(iso8601: "2025-01-01T00:00:00Z"))
        let latest = try #require(Timestamp(iso8601: "2125-01-01T00:00:00Z"))
        #expect((earliest ... latest).contains(WallClock.system.now()))
    }
}
