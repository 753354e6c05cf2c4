// The measured events are what the figures say they are, in every run.

import Foundation
import Recall
import Testing

@testable import RecallCLI

@Suite struct BenchWorkloadTests {
    @Test func eventsAreJSONOfTheSizeThatIsStated() throws {
        var workload = BenchWorkload(seed: 2026)
        let events = workload.commit(eventCount: 10_000).events
        let bytes = events.reduce(0) { $0 + $1.payload.count }
        #expect((215 ... 235).contains(bytes / events.count), "\(bytes / events.count) bytes on average")
        for event in events.prefix(100) {
            _ = try JSONSerialization.jsonObject(with: event.payload)
        }
        #expect(Set(events.map(\.id)).count == events.count)
        #expect(Set(events.map(\.aggregateID)).count > BenchWorkload.aggregateCount / 2)
    }

    @Test func aSeedMakesTheSameEvents() {
        var (first, second, other) = (
            BenchWorkload(seed: 1), BenchWorkload(seed: 1), BenchWorkload(seed: 2)
        )
        let commit = first.commit(eventCount: 100)
        #expect(commit == second.commit(eventCount: 100))
        #expect(commit != other.commit(eventCount: 100))
    }

    /// Published with the reference code: https://prng.di.unimi.it/splitmix64.c, seed 1234567.
    @Test func theGeneratorIsSplitMix64() {
        var random = SplitMix64(seed: 1_234_567)
        let numbers = (0 ..< 3).map { _ in random.next() }
        #expect(numbers == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
    }
}
