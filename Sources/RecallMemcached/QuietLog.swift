// A server that is down fails every request; the logger hears of it once in a while.

internal import Logging
internal import Recall
internal import Synchronization

/// Lets through one line in an interval.
final class QuietLog: Sendable {
    private struct State {
        var lastTime: Timestamp?
        var droppedCount = 0
    }

    private let logger: Logger
    private let intervalMicroseconds: Int64
    private let clock: WallClock
    private let state = Mutex(State())

    init(_ configuration: MemcachedConfiguration) {
        logger = configuration.logger
        clock = configuration.clock
        // Of no time at all, nothing is left out: lines that come in one moment are all written.
        intervalMicroseconds = configuration.logInterval.microseconds
    }

    func warning(_ message: @autoclosure () -> String) {
        let now = clock.now()
        let dropped = state.withLock { state -> Int? in
            if let last = state.lastTime {
                let passed = now.microsecondsSince1970.subtractingReportingOverflow(
                    last.microsecondsSince1970)
                // A clock that was set back counts as time that has passed.
                if !passed.overflow, (0 ..< intervalMicroseconds).contains(passed.partialValue) {
                    state.droppedCount += 1
                    return nil
                }
            }
            state.lastTime = now
            defer { state.droppedCount = 0 }
            return state.droppedCount
        }
        guard let dropped else { return }
        let text = message()
        logger.warning(dropped == 0 ? "\(text)" : "\(text) (\(dropped) more since the last line)")
    }
}
