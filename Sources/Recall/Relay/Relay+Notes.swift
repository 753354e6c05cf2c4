// What the relay counts and says about how it goes.

internal import Logging
internal import Synchronization

extension Relay {
    func noteSuccess(eventCount: Int, isWhole: Bool) {
        let failureCount = work.withLock { work in
            work.counts.routedEventCount += UInt64(eventCount)
            if isWhole { work.counts.routedBatchCount += 1 }
            defer {
                work.counts.failureCountInARow = 0
                work.counts.lastFailure = nil
            }
            return work.counts.failureCountInARow
        }
        if failureCount > 0 {
            configuration.logger.notice("Events get through again after \(failureCount) failures in a row")
        }
    }

    /// Notes that a destination or the store could not be reached.
    /// - Returns: how long to wait.
    func noteTransientFailure(_ error: any Error, of what: String) -> Duration {
        let count = work.withLock { work in
            work.counts.transientFailureCount += 1
            return work.counts.failureCountInARow + 1
        }
        let pause = noteFailure(error, countInARow: count)
        // The first is news; the others are the same news again.
        configuration.logger.log(
            level: count == 1 ? .warning : .debug,
            "Waiting for \(what), which cannot be reached; failure \(count) in a row: \(ParkedEvent.cut(ErrorText.account(of: error), toBytes: ParkedEvent.causeBytesMax))"
        )
        return pause
    }

    /// - Returns: how long to wait.
    func noteFailure(_ error: any Error, countInARow count: Int) -> Duration {
        work.withLock { work in
            work.counts.failureCountInARow = count
            work.counts.lastFailure = ParkedEvent.cut(
                ErrorText.account(of: error), toBytes: ParkedEvent.causeBytesMax)
        }
        return configuration.backOff.delay(afterFailures: count, random: configuration.random())
    }
}
