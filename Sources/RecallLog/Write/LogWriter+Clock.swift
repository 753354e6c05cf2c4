// What time a commit gets: what the clock says. It is never corrected, since a clock that was wrong once would then be wrong for
// good: after a session a day ahead, all commits of the next day would have the same microsecond. Nothing rests on the times.

internal import Logging
internal import Recall

extension LogWriter {
    /// Takes the time for the next frame, and says once a session when the clock has gone back.
    @inline(__always)
    func readClock(_ state: inout State) {
        let now = configuration.clock.now().microsecondsSince1970
        if now < state.lastTime { noteClock(now, &state) }
        state.lastTime = now
    }

    @inline(never)
    private func noteClock(_ now: Int64, _ state: inout State) {
        let (back, overflows) = state.lastTime.subtractingReportingOverflow(now)
        guard !state.isClockNoted, overflows || back >= ClockSteps.notableMicroseconds else { return }
        state.isClockNoted = true
        configuration.logger.warning(
            "\(layout.path): the clock went back from \(Timestamp(microsecondsSince1970: state.lastTime).iso8601) to \(Timestamp(microsecondsSince1970: now).iso8601) before position \(state.nextPosition): times are stored as the clock says them, and the order of events is that of their positions; check the clock of this machine"
        )
    }
}
