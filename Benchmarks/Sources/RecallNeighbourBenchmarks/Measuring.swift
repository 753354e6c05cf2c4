// Turns: in each round every contestant works for a while, and each goes first as often as the others.

import RecallBenchmarksKit

/// How long and how often is measured.
struct Measuring: Sendable {
    /// Works with so many callers until the time is over.
    /// - Returns: how many things were done a second.
    typealias Turn = @Sendable (_ callerCount: Int, _ duration: Duration) async throws -> Double

    var roundCount: Int
    var turn: Duration

    /// Prints each one's median, and the median of its ratios to the first.
    func print(_ callerCount: Int, _ contestants: [(name: String, turn: Turn)]) async throws {
        var rates = [[Double]](repeating: [], count: contestants.count)
        for round in 0 ..< roundCount {
            for offset in contestants.indices {
                let index = (round + offset) % contestants.count
                rates[index].append(try await contestants[index].turn(callerCount, turn))
            }
        }
        let title = callerCount == 1 ? "1 caller" : "\(callerCount) callers"
        for (index, contestant) in contestants.enumerated() {
            let ratio = zip(rates[index], rates[0]).map { $0 / $1 }.median
            let median = rates[index].median.formatted(.number.precision(.fractionLength(0)))
            Swift.print(
                "  \(title), \(contestant.name): \(median)"
                    + (index == 0
                        ? "" : ", \(ratio.formatted(.number.precision(.significantDigits(2)))) × the first"))
        }
    }

    /// Calls `body` again and again from so many tasks.
    static func rate(
        _ callerCount: Int, _ duration: Duration,
        _ body: @escaping @Sendable (_ caller: Int, _ number: Int) async throws -> Void
    ) async throws -> Double {
        let start = ContinuousClock.now
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for caller in 0 ..< callerCount {
                group.addTask {
                    var number = 0
                    while start.duration(to: .now) < duration {
                        try await body(caller, number)
                        number += 1
                    }
                    return number
                }
            }
            return try await group.reduce(0, +)
        }
        return Double(count) / start.duration(to: .now).seconds
    }
}
