// Waiting with a limit: it ends with what was waited for or with the time, and never before both.

import RecallThreads
import Testing

@Suite struct MonitorTests {
    @Test(arguments: [Duration.zero, .microseconds(1), .milliseconds(20), .milliseconds(1_001)])
    func aWaitForNothingEndsWhenItsTimeIsOverAndNotBefore(limit: Duration) {
        let monitor = Monitor(0)
        let start = ContinuousClock.now
        let result = monitor.wait(for: limit) { (_: inout Int) -> Int? in nil }
        #expect(result == nil)
        #expect(ContinuousClock.now - start >= limit)
    }

    @Test func whatIsThereIsTakenWhateverTheTime() {
        let monitor = Monitor(7)
        for limit in [Duration.seconds(-5), .zero, .seconds(86_400)] {
            #expect(monitor.wait(for: limit) { $0 == 7 ? $0 : nil } == 7)
        }
    }

    /// Would wait for a day if signals were not heard.
    @Test func aSignalEndsAWait() throws {
        let monitor = Monitor(0)
        try WorkerThread.start {
            for number in 1 ... 3 {
                monitor.withLock { $0 = number }
                monitor.broadcast()
            }
        }
        #expect(monitor.wait(for: .seconds(86_400)) { $0 == 3 ? $0 : nil } == 3)
    }
}
