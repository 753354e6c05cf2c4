// One commit on its way, and the task that waits for it.

internal import Recall

/// A commit without an outcome.
struct PendingAppend: Sendable {
    let request: AppendRequest
    /// Which of the queue's it is.
    let number: UInt64
    /// Begun when the caller asked.
    let time: CallTime
    /// Resumes the caller; called once.
    let finish: @Sendable (Result<CommitReceipt, StoreError>) -> Void
}
