// What a test skips under a sanitizer must be a fair share of what it tries, and never all of it.

import RecallTestKit
import Testing

@Suite struct TestEffortTests {
    @Test(
        arguments: [
            (1 ... 12, 100, 1 ... 12), (1 ... 12, 25, 1 ... 3), (1 ... 12, 1, 1 ... 1),
            (5 ... 6, 300, 5 ... 10),
            (0 ... 0, 50, 0 ... 0),
        ] as [(ClosedRange<UInt64>, Int, ClosedRange<UInt64>)])
    func seedsAreAShareOfThemOrMore(
        seeds: ClosedRange<UInt64>, percent: Int, expected: ClosedRange<UInt64>
    ) {
        #expect(TestEffort.seeds(seeds, percent: percent, seed: 0) == expected)
        let moved = TestEffort.seeds(seeds, percent: percent, seed: 20_261_130)
        #expect(moved.count == expected.count)
        #expect(moved.lowerBound == 20_261_130_000_000 + seeds.lowerBound)
    }

    /// Who tests a share each day would otherwise never try the rest.
    @Test func anotherSeedTriesOtherSteps() {
        let days = (1 ... 60 as ClosedRange<UInt64>).map {
            TestEffort.steps(0 ..< 100, percent: 20, seed: $0)
        }
        #expect(days.allSatisfy { $0.count == 20 })
        #expect(Set(days.joined()).count == 100)
        #expect(days[0] == TestEffort.steps(0 ..< 100, percent: 20, seed: 1))
    }

    @Test(arguments: [1, 7, 25, 33, 50, 99, 100, 1_000])
    func stepsAreOneOfEachFewNeighbours(percent: Int) {
        for count in [1, 2, 3, 10, 60, 101] {
            let steps = TestEffort.steps(0 ..< count, percent: percent)
            #expect(steps.count == min(max(1, count * percent / 100), count))
            #expect(steps == steps.sorted() && Set(steps).count == steps.count)
            #expect(steps.allSatisfy { (0 ..< count).contains($0) })
            #expect(steps == TestEffort.steps(0 ..< count, percent: percent))
            for (before, step) in zip(steps, steps.dropFirst()) {
                #expect(step - before < 2 * (count / steps.count + 1))
            }
        }
        #expect(TestEffort.steps(0 ..< 0, percent: percent).isEmpty)
    }

    /// A share that was taken with one stride would meet only the even calls of a disk that writes and syncs in turns.
    @Test func stepsAreNotAllOfOneParity() {
        #expect(Set(TestEffort.steps(0 ..< 200, percent: 25).map { $0 % 4 }).count == 4)
    }

    @Test func casesAreAQuarterAtLeastAndAllOfThemOrdinarily() {
        let cases = (0 ..< 100).map { "case \($0)" }
        #expect(TestEffort.cases(cases, percent: 1).count == 25)
        #expect(TestEffort.cases(cases, percent: 50).count == 50)
        #expect(TestEffort.cases(cases, percent: 100) == cases)
        #expect(TestEffort.cases(cases, percent: 300) == cases)
    }
}
