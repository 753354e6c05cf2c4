// The thread of a router's connection: rabbitmq-c blocks, and one connection must not be used by two threads. It also answers
// heartbeats when there is nothing to publish.

internal import Recall
internal import RecallThreads

/// Publishes on a thread of its own.
final class AMQPThread: Sendable {
    private struct Queue: Sendable {
        var jobs: [Job] = []
        var numberNext: UInt64 = 0
        var isStopped = false
    }

    private struct Job: Sendable {
        var number: UInt64
        var events: [RecordedEvent]
        var done: @Sendable (AMQPResult) -> Void
    }

    private enum Next: Sendable {
        case job(Job)
        case end
    }

    private let queue = Monitor(Queue())

    /// - Throws: `unavailable` where the system has no thread to give.
    init(_ configuration: AMQPConfiguration) throws(StoreError) {
        // A thread holds the queue alone, so that it ends when the router is given up.
        let queue = queue
        // Often enough to answer in time; a second too where no heartbeat is asked for, to see a broker go.
        let pause = Duration.milliseconds(configuration.heartbeat == .seconds(1) ? 250 : 1000)
        try WorkerThread.start {
            var session = AMQPSession(configuration)
            while true {
                let next = queue.wait(for: pause) { queue -> Next? in
                    if !queue.jobs.isEmpty { return .job(queue.jobs.removeFirst()) }
                    return queue.isStopped ? .end : nil
                }
                switch next {
                case .job(let job): job.done(session.publish(job.events))
                case .end:
                    session.close()
                    return
                case nil: session.serve()
                }
            }
        }
    }

    deinit { stop() }

    /// Ends the thread when what waits is done, and closes the connection.
    func stop() {
        queue.withLock { $0.isStopped = true }
        queue.broadcast()
    }

    /// Publishes events while the caller's task is suspended.
    /// - Parameter patience: how long the caller waits for those that came before. Its time begins now.
    /// - Returns: nil where the thread has been stopped. What was not begun in time has the error of `tooLate`.
    func publish(
        _ events: [RecordedEvent], within patience: Duration, tooLate: AMQPError
    ) async -> AMQPResult? {
        let number = queue.withLock { queue in
            queue.numberNext += 1
            return queue.numberNext
        }
        let alarm = Task { [queue] in
            try await Task.sleep(for: patience)
            let late = queue.withLock { queue in
                queue.jobs.firstIndex { $0.number == number }.map { queue.jobs.remove(at: $0) }
            }
            late?.done(AMQPResult(unconfirmed: events.first?.position, errors: [tooLate]))
        }
        defer { alarm.cancel() }
        return await HandOver.value { give in
            let isTaken = queue.withLock { queue in
                if queue.isStopped { return false }
                queue.jobs.append(Job(number: number, events: events, done: give))
                return true
            }
            if isTaken { queue.broadcast() } else { give(nil) }
        }
    }
}
