// How far long work has come. Shown on standard error only where a person looks at it, and only once
// the work has taken over a second, so that scripts and short commands never see it.

import RecallLog
import Synchronization

/// A line on the terminal that says how much is done.
final class ProgressBar: Sendable {
    private struct State {
        var hasDrawn = false
        var drawnAt: ContinuousClock.Instant
    }

    private let label: String
    private let unit: String
    private let isShown: Bool
    private let now: @Sendable () -> ContinuousClock.Instant
    private let write: @Sendable (String) -> Void
    private let startedAt: ContinuousClock.Instant
    private let state: Mutex<State>

    /// - Parameters:
    ///   - label: what is being done, such as `Verifying`.
    ///   - unit: what is counted, such as `events`.
    ///   - isShown: whether a person looks at standard error.
    ///   - now: the time, and `write` the terminal; tests give their own.
    init(
        _ label: String, unit: String, isShown: Bool = Message.isTerminal,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        write: @escaping @Sendable (String) -> Void = { Message.write($0) }
    ) {
        self.label = label
        self.unit = unit
        self.isShown = isShown
        self.now = now
        self.write = write
        startedAt = now()
        state = Mutex(State(drawnAt: startedAt))
    }

    /// Says how much is done; cheap enough to be called often, but not for each event.
    /// - Parameter total: how much there is in all; nil where nobody knows.
    func update(_ doneCount: UInt64, of total: UInt64? = nil) {
        guard isShown else { return }
        let now = now()
        state.withLock { state in
            let age = state.drawnAt.duration(to: now)
            guard startedAt.duration(to: now) > .seconds(1), !state.hasDrawn || age > .milliseconds(100)
            else { return }
            state.hasDrawn = true
            state.drawnAt = now
            write("\r\u{1B}[K" + line(doneCount, of: total, at: now))
        }
    }

    /// Says how far a copy is.
    func update(_ copy: CopyProgress) {
        update(UInt64(max(copy.byteCount, 0)), of: UInt64(max(copy.byteCountTotal, 0)))
    }

    /// Takes the line off the terminal.
    func finish() {
        state.withLock { state in
            if state.hasDrawn { write("\r\u{1B}[K") }
            state.hasDrawn = false
        }
    }

    private func line(_ doneCount: UInt64, of total: UInt64?, at now: ContinuousClock.Instant) -> String {
        let seconds = startedAt.duration(to: now) / .seconds(1)
        let rate = Figure.grouped(UInt64(Double(doneCount) / max(seconds, 0.001)))
        guard let total, total > 0 else {
            return "\(label): \(Figure.grouped(doneCount)) \(unit), \(rate)/s"
        }
        let share = min(Double(doneCount) / Double(total), 1)
        let width = 30
        let filled = Int(share * Double(width))
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
        return "\(label) [\(bar)] \(Int(share * 100)) % of \(Figure.grouped(total)) \(unit), \(rate)/s"
    }
}
