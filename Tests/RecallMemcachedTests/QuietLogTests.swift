// A server that is down makes one line at a time, and says with the next how many it kept to itself.

import Logging
import Recall
import Synchronization
import Testing

@testable import RecallMemcached

@Suite struct QuietLogTests {
    @Test func oneLineAnIntervalSaysHowManyWereLeftOut() {
        let logs = RecordedLogs()
        let now = Mutex<Int64>(0)
        var configuration = MemcachedBench.configuration([1], logs: logs) { $0.logInterval = .seconds(10) }
        configuration.clock = WallClock { Timestamp(microsecondsSince1970: now.withLock { $0 }) }
        let log = QuietLog(configuration)
        for second in [0, 1, 9, 10, 11, 19, 21, 40] as [Int64] {
            now.withLock { $0 = second * 1_000_000 }
            log.warning("at \(second)")
        }
        #expect(
            logs.lines == [
                "at 0", "at 10 (2 more since the last line)", "at 21 (2 more since the last line)", "at 40",
            ])
    }

    /// A clock that goes back must not silence it until it has caught up.
    @Test func clockThatGoesBackDoesNotSilenceIt() {
        let logs = RecordedLogs()
        let now = Mutex<Int64>(1_000_000_000)
        var configuration = MemcachedBench.configuration([1], logs: logs) { $0.logInterval = .seconds(10) }
        configuration.clock = WallClock { Timestamp(microsecondsSince1970: now.withLock { $0 }) }
        let log = QuietLog(configuration)
        log.warning("before")
        now.withLock { $0 = 0 }
        log.warning("after")
        #expect(logs.lines == ["before", "after"])
    }
}
