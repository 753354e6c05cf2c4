// Where asynchronous callers' blocking work is done: a few threads of our own and a queue.

package import Recall

/// Runs blocking work on threads that may block.
package final class BlockingPool: Sendable {
    private struct Queue: Sendable {
        var jobs: [@Sendable () -> Void] = []
        var nextIndex = 0
        var isStopped = false
        var runningCount = 0

        var isIdle: Bool { nextIndex == jobs.count && runningCount == 0 }

        mutating func forgetJobs() {
            jobs.removeAll()
            nextIndex = 0
        }

        mutating func next() -> (@Sendable () -> Void)? {
            guard nextIndex < jobs.count else { return nil }
            defer {
                nextIndex += 1
                if nextIndex == jobs.count {
                    jobs.removeAll(keepingCapacity: true)
                    nextIndex = 0
                }
            }
            return jobs[nextIndex]
        }
    }

    private let queue = Monitor(Queue())
    private let isInline: Bool
    private let isDeferred: Bool

    /// - Parameters:
    ///   - threadCount: how many jobs run at the same time at most; 0 for none but the caller's own thread.
    ///   - isDeferred: whether there are no threads, and jobs wait for somebody who drains the pool.
    package init(threadCount: Int, isDeferred: Bool = false) throws(StoreError) {
        isInline = threadCount <= 0 && !isDeferred
        self.isDeferred = isDeferred
        for _ in 0 ..< (isDeferred ? 0 : Swift.max(0, threadCount)) {
            // A thread holds the queue alone, so that it ends when the pool is given up.
            let queue = queue
            try WorkerThread.start {
                while true {
                    let job = queue.wait { (queue) -> (@Sendable () -> Void)?? in
                        if let job = queue.next() {
                            queue.runningCount += 1
                            return job
                        }
                        return queue.isStopped ? .some(nil) : nil
                    }
                    guard let job else { return }
                    job()
                    queue.withLock { $0.runningCount -= 1 }
                    queue.broadcast()
                }
            }
        }
    }

    deinit { stop() }

    /// Ends the threads once the jobs that wait are done. Deferred jobs never are, then.
    package func stop() {
        queue.withLock { queue in
            queue.isStopped = true
            if isDeferred { queue.forgetJobs() }
        }
        queue.broadcast()
    }

    /// Does work later, on one of the threads; at once in a pool without any.
    package func submit(_ job: @escaping @Sendable () -> Void) {
        if isInline { return job() }
        queue.withLock { $0.jobs.append(job) }
        queue.broadcast()
    }

    /// Waits, blocking, until no job waits or runs.
    package func drain() {
        while isDeferred, let job = queue.withLock({ $0.next() }) { job() }
        queue.wait { $0.isIdle ? () : nil }
    }

    /// Does work on one of the threads while the caller's task is suspended.
    package func run<Value: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result = await HandOver.value { (give: @escaping @Sendable (Result<Value, Failure>) -> Void) in
            submit {
                do throws(Failure) {
                    give(.success(try body()))
                } catch {
                    give(.failure(error))
                }
            }
        }
        return try result.get()
    }
}
