// A commit in the queue, with the one who waits for it.

package import Recall
internal import Synchronization

/// A commit on its way, and where its outcome goes.
package final class PendingCommit: Sendable {
    private enum Waiter {
        case nobody
        case task(CheckedContinuation<Result<CommitReceipt, StoreError>, Never>)
        case done(Result<CommitReceipt, StoreError>)
    }

    package let prepared: PreparedCommit
    private let waiter = Mutex(Waiter.nobody)

    package init(_ prepared: PreparedCommit) { self.prepared = prepared }

    /// The outcome, once there is one.
    package var outcome: Result<CommitReceipt, StoreError>? {
        waiter.withLock { waiter in
            if case .done(let result) = waiter { result } else { nil }
        }
    }

    /// Hands the outcome to a task, now or when it is there.
    package func resume(_ continuation: CheckedContinuation<Result<CommitReceipt, StoreError>, Never>) {
        let result: Result<CommitReceipt, StoreError>? = waiter.withLock { waiter in
            if case .done(let result) = waiter { return result }
            waiter = .task(continuation)
            return nil
        }
        if let result { continuation.resume(returning: result) }
    }

    package func finish(_ result: Result<CommitReceipt, StoreError>) {
        let continuation = waiter.withLock {
            waiter -> CheckedContinuation<Result<CommitReceipt, StoreError>, Never>? in
            defer { waiter = .done(result) }
            if case .task(let continuation) = waiter { return continuation }
            return nil
        }
        continuation?.resume(returning: result)
    }
}
