// The clock of the lab's machine. It is set wrong now and then, in both directions, as clocks of machines are.

internal import Recall
internal import Synchronization

/// The time in the lab: it passes when the lab says so.
final class LabClock: Sendable {
    private struct State {
        var microseconds: Int64 = 1_764_000_000_000_000
        /// Of its own, so that a life is otherwise the same whatever the clock does.
        var dice: SeededGenerator
    }

    private let state: Mutex<State>

    init(seed: UInt64) { state = Mutex(State(dice: SeededGenerator(seed: seed))) }

    var now: Timestamp { state.withLock { Timestamp(microsecondsSince1970: $0.microseconds) } }

    func pass(microseconds: Int64) { state.withLock { $0.microseconds += microseconds } }

    /// Between two sessions somebody may set the clock: by milliseconds, a day or years, ahead or back, before 1970 too.
    func mayJump() {
        state.withLock { state in
            guard Int.random(in: 0 ..< 3, using: &state.dice) == 0 else { return }
            let range: Int64 =
                [5_000, 86_400_000_000, 2_000_000_000_000_000].randomElement(using: &state.dice) ?? 1
            state.microseconds += Int64.random(in: -range ... range, using: &state.dice)
        }
    }
}
