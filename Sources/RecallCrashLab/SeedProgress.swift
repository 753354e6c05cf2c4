// Hands out seeds to the workers and adds up what they report.

internal import Foundation
internal import RecallTestKit
internal import Synchronization

/// What the workers share.
final class SeedProgress: Sendable {
    private struct State {
        var nextSeed: UInt64
        var left: Int
        var statistics = CrashLabStatistics()
        var violation: CrashLabViolation?
        var lastReport: ContinuousClock.Instant
    }

    private let state: Mutex<State>
    private let count: Int
    private let start = ContinuousClock.now
    private let deadline: ContinuousClock.Instant?

    init(first: UInt64, count: Int, seconds: Int?) {
        self.count = count
        deadline = seconds.map { ContinuousClock.now + .seconds($0) }
        state = Mutex(State(nextSeed: first, left: count, lastReport: ContinuousClock.now))
    }

    /// The first promise that was found broken.
    var violation: CrashLabViolation? { state.withLock { $0.violation } }

    func nextSeed() -> UInt64? {
        let isLate = deadline.map { ContinuousClock.now >= $0 } ?? false
        return state.withLock { state in
            guard state.left > 0, state.violation == nil, !isLate else { return nil }
            state.left -= 1
            state.nextSeed += 1
            return state.nextSeed - 1
        }
    }

    func add(_ statistics: CrashLabStatistics) {
        let now = ContinuousClock.now
        let message = state.withLock { state -> String? in
            state.statistics += statistics
            guard now - state.lastReport > .seconds(10) else { return nil }
            state.lastReport = now
            return
                "\(state.statistics.seedCount) of \(count) seeds, \(state.statistics.acknowledgedCommitCount) commits, \((now - start).components.seconds) s\n"
        }
        if let message { FileHandle.standardError.write(Data(message.utf8)) }
    }

    func fail(_ violation: CrashLabViolation) {
        state.withLock { state in
            if state.violation == nil { state.violation = violation }
        }
    }

    func printSummary() {
        let statistics = state.withLock { $0.statistics }
        for (name, count) in statistics.lines {
            let digits = String(count)
            print(String(repeating: " ", count: max(0, 12 - digits.count)) + digits + "  " + name)
        }
        let duration = (ContinuousClock.now - start).components
        let digits = String(duration.seconds)
        print(String(repeating: " ", count: max(0, 12 - digits.count)) + digits + "  seconds")
        print("No promise was broken.")
    }
}
