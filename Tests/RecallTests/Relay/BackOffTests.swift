// Pauses between tries.

import Recall
import Testing

@Suite struct BackOffTests {
    @Test(arguments: [
        (0, 100), (1, 100), (2, 200), (3, 400), (8, 12_800), (9, 25_600), (10, 30_000), (Int.max, 30_000),
    ])
    func pausesGrowUpToTheBound(failureCount: Int, milliseconds: Int) {
        let pause = BackOff().delay(afterFailures: failureCount, random: 1)
        #expect(pause == .milliseconds(milliseconds))
    }

    @Test(arguments: [(0.0, 50), (0.5, 75), (1.0, 100), (-3, 50), (7, 100)])
    func partOfThePauseIsDrawn(random: Double, milliseconds: Int) {
        #expect(BackOff().delay(afterFailures: 1, random: random) == .milliseconds(milliseconds))
    }

    @Test func strangeNumbersMakeNoStrangePauses() {
        let none = BackOff(first: .seconds(-1), max: .seconds(1), factor: 2, jitter: 1)
        #expect(none.delay(afterFailures: 5, random: 0) == .zero)
        let shrinking = BackOff(first: .seconds(1), max: .seconds(10), factor: 0.1, jitter: 0)
        #expect(shrinking.delay(afterFailures: 5, random: 0) == .seconds(1))
        let upsideDown = BackOff(first: .seconds(10), max: .seconds(1), jitter: 9)
        #expect(upsideDown.delay(afterFailures: 2, random: 1) == .seconds(1))
        #expect(upsideDown.delay(afterFailures: 2, random: 0) == .zero)
    }
}
