// Where calls that block are done: a few threads of our own, and a queue in which nobody waits longer than he said. The time of a
// call begins when it is made, not when a thread gets to it: with a server away, all threads hang, and a call behind them would
// wait for one round of theirs after the other.
//
// Invariant: each call is either run or given up, once. Whoever takes it out of the queue does it.

package import Recall

/// Runs blocking work on threads that may block, and gives up what no thread has begun in time.
package final class CallPool: Sendable {
    private struct Call: Sendable {
        var deadline: ContinuousClock.Instant
        var run: @Sendable () -> Void
        var giveUp: @Sendable () -> Void
    }

    private struct Queue: Sendable {
        /// Short questions, which go first and have a thread of their own besides.
        var urgent: [Call] = []
        var ordinary: [Call] = []
        /// The next of `ordinary`: those before it were taken.
        var nextIndex = 0
        var idleCount = 0
        var isStopped = false

        mutating func next(isReserved: Bool) -> Call? {
            if !urgent.isEmpty { return urgent.removeFirst() }
            guard !isReserved, nextIndex < ordinary.count else { return nil }
            defer {
                nextIndex += 1
                if nextIndex == ordinary.count || nextIndex > 1024 {
                    ordinary.removeFirst(nextIndex)
                    nextIndex = 0
                }
            }
            return ordinary[nextIndex]
        }

        mutating func takeOverdue(at now: ContinuousClock.Instant) -> [Call] {
            let overdue = { (call: Call) in call.deadline <= now }
            let taken = urgent.filter(overdue) + ordinary[nextIndex...].filter(overdue)
            if taken.isEmpty { return [] }
            urgent.removeAll(where: overdue)
            ordinary.removeFirst(nextIndex)
            nextIndex = 0
            ordinary.removeAll(where: overdue)
            return taken
        }

        var deadlineNext: ContinuousClock.Instant? {
            (urgent + ordinary[nextIndex...]).map(\.deadline).min()
        }
    }

    /// What the thread sleeps for that gives calls up.
    private struct Alarm: Sendable {
        var time: ContinuousClock.Instant?
        var isStopped = false
    }

    private let queue = Monitor(Queue())
    private let alarm = Monitor(Alarm())

    /// - Parameter threadCount: how many calls run at the same time, besides an urgent one; at least 1.
    /// - Throws: `unavailable` where the system has no threads to give.
    package init(threadCount: Int) throws(StoreError) {
        // Threads hold these alone, so that they end when the pool is given up.
        let (queue, alarm) = (queue, alarm)
        for index in 0 ... Swift.max(1, threadCount) {
            try WorkerThread.start { Self.work(on: queue, isReserved: index == 0) }
        }
        try WorkerThread.start { Self.watch(queue, alarm) }
    }

    deinit { stop() }

    /// Ends the threads once the calls that wait are done.
    package func stop() {
        queue.withLock { $0.isStopped = true }
        queue.broadcast()
        alarm.withLock { $0.isStopped = true }
        alarm.broadcast()
    }

    /// Does work later.
    /// - Parameters:
    ///   - deadline: until when a thread must have begun.
    ///   - isUrgent: whether it is a short question that waits for no others.
    ///   - run: the work.
    ///   - giveUp: done in place of it where no thread has begun in time; it does not block.
    package func submit(
        until deadline: ContinuousClock.Instant, isUrgent: Bool = false,
        run: @escaping @Sendable () -> Void, orGiveUp giveUp: @escaping @Sendable () -> Void
    ) {
        let call = Call(deadline: deadline, run: run, giveUp: giveUp)
        let isWaiting = queue.withLock { queue in
            if isUrgent { queue.urgent.append(call) } else { queue.ordinary.append(call) }
            return queue.urgent.count + queue.ordinary.count - queue.nextIndex > queue.idleCount
        }
        queue.broadcast()
        guard isWaiting else { return }
        let isEarlier = alarm.withLock { alarm in
            if let time = alarm.time, time <= deadline { return false }
            alarm.time = deadline
            return true
        }
        if isEarlier { alarm.broadcast() }
    }

    /// Does work on one of the threads while the caller's task is suspended.
    /// - Parameters:
    ///   - deadline: until when a thread must have begun.
    ///   - isUrgent: whether it is a short question that waits for no others.
    ///   - tooLate: the error where none has.
    package func run<Value: Sendable, Failure: Error>(
        until deadline: ContinuousClock.Instant, isUrgent: Bool = false,
        orThrow tooLate: @autoclosure @escaping @Sendable () -> Failure,
        _ body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result = await HandOver.value { (give: @escaping @Sendable (Result<Value, Failure>) -> Void) in
            let run = { @Sendable in
                do throws(Failure) {
                    give(.success(try body()))
                } catch {
                    give(.failure(error))
                }
            }
            submit(until: deadline, isUrgent: isUrgent, run: run, orGiveUp: { give(.failure(tooLate())) })
        }
        return try result.get()
    }

    private static func work(on queue: Monitor<Queue>, isReserved: Bool) {
        // The reserved thread is not counted: what is not urgent does not get it.
        if !isReserved { queue.withLock { $0.idleCount += 1 } }
        while true {
            let call = queue.wait { queue -> Call?? in
                if let call = queue.next(isReserved: isReserved) {
                    if !isReserved { queue.idleCount -= 1 }
                    return call
                }
                return queue.isStopped ? .some(nil) : nil
            }
            guard let call else { return }
            call.run()
            if !isReserved { queue.withLock { $0.idleCount += 1 } }
        }
    }

    private static func watch(_ queue: Monitor<Queue>, _ alarm: Monitor<Alarm>) {
        while true {
            let time = alarm.wait { alarm -> ContinuousClock.Instant?? in
                if alarm.isStopped { return .some(nil) }
                return alarm.time.map { .some($0) }
            }
            guard let time else { return }
            let isMoved = alarm.wait(for: time - .now) { alarm -> Bool? in
                alarm.isStopped || alarm.time.map { $0 < time } == true ? true : nil
            }
            if isMoved != nil { continue }
            alarm.withLock { $0.time = nil }
            let overdue = queue.withLock { $0.takeOverdue(at: .now) }
            for call in overdue { call.giveUp() }
            guard let next = queue.withLock({ $0.deadlineNext }) else { continue }
            alarm.withLock { $0.time = Swift.min($0.time ?? next, next) }
        }
    }
}
