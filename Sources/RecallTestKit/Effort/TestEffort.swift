// How much the heavy tests try, and which part of it: the one place that reads RECALL_TEST_EFFORT and RECALL_TEST_SEED. A
// sanitizer makes a test several times as slow, and a long run wants more than everybody's build; neither may need another test.
//
// Invariant: the same two values try the same, so that a failure of any day is seen again on any other.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Scales what random and exhaustive tests try. Every test still runs, with at least one seed or step.
package enum TestEffort {
    /// In percent: 100, unless the environment says another number of at least 1 as `RECALL_TEST_EFFORT`.
    package static let percent = percent(ProcessInfo.processInfo.environment["RECALL_TEST_EFFORT"])

    /// Which seeds and steps are tried: 0, as they are written, unless the environment says another number as `RECALL_TEST_SEED`.
    /// `scripts/test` gives the date, so that who tests a share each day tries another one each day.
    package static let seed = seed(ProcessInfo.processInfo.environment["RECALL_TEST_SEED"])

    /// Whether everything is tried: only then is what a test counts at the end as much as it asks for.
    package static var isWhole: Bool { percent >= 100 }

    /// The seeds of a random test: the first of them for less than 100 percent, more after them for more. Another `seed` moves all
    /// of them, by more than any test has.
    package static func seeds(
        _ seeds: ClosedRange<UInt64>, percent: Int = percent, seed: UInt64 = seed
    ) -> ClosedRange<UInt64> {
        let count = seeds.upperBound - seeds.lowerBound + 1
        let first = seeds.lowerBound + seed * 1_000_000
        return first ... first + max(1, count * UInt64(percent) / 100) - 1
    }

    /// The steps of an exhaustive test, such as each call at which a disk could crash: all of them, or for less than 100
    /// percent one of as many neighbours as that leaves. Which one changes from place to place, so that what comes
    /// in turns is met in each form, and with `seed`.
    package static func steps(
        _ steps: some Sequence<Int>, percent: Int = percent, seed: UInt64 = seed
    ) -> [Int] {
        let all = Array(steps)
        if percent >= 100 { return all }
        let count = max(1, all.count * percent / 100)
        var generator = SeededGenerator(seed: seed &* 1_000_000 &+ UInt64(all.count))
        return (0 ..< min(count, all.count)).map { number in
            let start = number * all.count / count
            let end = (number + 1) * all.count / count
            return all[Int.random(in: start ..< end, using: &generator)]
        }
    }

    /// The cases of a suite that another store goes through from end to end: all of them, or for less than 100 percent a share, at
    /// least a quarter.
    package static func cases<Case>(_ cases: [Case], percent: Int = percent) -> [Case] {
        steps(cases.indices, percent: max(percent, 25)).map { cases[$0] }
    }

    static func percent(_ text: String?) -> Int {
        text.flatMap(Int.init).map { min(max($0, 1), 1_000_000) } ?? 100
    }

    static func seed(_ text: String?) -> UInt64 {
        text.flatMap(UInt64.init).map { min($0, 1_000_000_000_000) } ?? 0
    }
}
