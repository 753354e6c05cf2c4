// When a dictionary has become stale: judged by bodies that small events make, over a mebibyte at a time.

import RecallLog
import Testing

@Suite struct CompressionGaugeTests {
    /// A mebibyte of bodies that compress to a share of themselves.
    private static func window(of gauge: inout CompressionGauge, ratio: Double) {
        for _ in 0 ..< 1024 { gauge.add(rawSize: 1024, storedSize: Int(1024 * ratio)) }
    }

    @Test func dictionaryThatFitsAsBeforeIsNotStale() {
        var gauge = CompressionGauge(hasDictionary: true)
        for ratio in [0.3, 0.35, 0.3, 0.38] {
            Self.window(of: &gauge, ratio: ratio)
            #expect(!gauge.isDictionaryStale, "\(ratio)")
        }
    }

    /// A third worse than it once was, and not stale any more when the old kind of events is back.
    @Test func dictionaryThatFitsAThirdWorseThanItDidIsStale() {
        var gauge = CompressionGauge(hasDictionary: true)
        Self.window(of: &gauge, ratio: 0.3)
        Self.window(of: &gauge, ratio: 0.42)
        #expect(gauge.isDictionaryStale)
        Self.window(of: &gauge, ratio: 0.3)
        #expect(!gauge.isDictionaryStale)
    }

    /// A first segment has none, and is to end as soon as it holds enough to make one of.
    @Test func noDictionaryIsStaleAfterAWindow() {
        var gauge = CompressionGauge(hasDictionary: false)
        #expect(!gauge.isDictionaryStale)
        Self.window(of: &gauge, ratio: 0.9)
        #expect(gauge.isDictionaryStale)
    }

    /// Bodies that are compressed without the dictionary say nothing of it.
    @Test func largeBodiesDoNotCount() {
        var gauge = CompressionGauge(hasDictionary: true)
        Self.window(of: &gauge, ratio: 0.3)
        for _ in 0 ..< 1024 { gauge.add(rawSize: Format.dictionaryBodySizeMax + 1, storedSize: 20_000) }
        #expect(!gauge.isDictionaryStale)
    }
}
