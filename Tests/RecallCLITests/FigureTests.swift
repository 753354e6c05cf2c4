// Figures as people read them.

import Testing

@testable import RecallCLI

@Suite struct FigureTests {
    @Test func thousandsAreGrouped() {
        let cases: [(UInt64, String)] = [
            (0, "0"), (999, "999"), (1_000, "1,000"), (12_345, "12,345"), (1_000_000, "1,000,000"),
            (.max, "18,446,744,073,709,551,615"),
        ]
        for (value, text) in cases { #expect(Figure.grouped(value) == text) }
        #expect(Figure.grouped(-1_234) == "-1,234")
    }

    @Test func oneIsOne() {
        #expect(Figure.count(0, "event") == "0 events")
        #expect(Figure.count(1, "event") == "1 event")
        #expect(Figure.count(2_000, "event") == "2,000 events")
    }

    @Test func bytesHaveTheUnitThatFits() {
        let cases: [(UInt64, String)] = [
            (0, "0 bytes"), (1023, "1023 bytes"), (1024, "1.0 KiB"), (1536, "1.5 KiB"),
            (1 << 20, "1.0 MiB"), ((1 << 20) - 1, "1,024.0 KiB"), (1 << 30, "1.0 GiB"), (1 << 40, "1.0 TiB"),
        ]
        for (count, text) in cases { #expect(Figure.bytes(count) == text) }
    }

    @Test func decimalsAreRounded() {
        #expect(Figure.decimal(1_234.567, places: 1) == "1,234.6")
        #expect(Figure.decimal(0.05, places: 1) == "0.1")
        #expect(Figure.decimal(2, places: 3) == "2.000")
        #expect(Figure.decimal(-0.04, places: 1) == "0.0")
        #expect(Figure.decimal(-1.5, places: 1) == "-1.5")
        #expect(Figure.decimal(1.06, places: 2) == "1.06")
    }
}
