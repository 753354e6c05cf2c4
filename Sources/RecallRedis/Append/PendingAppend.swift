// One commit on its way, and the task that waits for it.

internal import Recall

/// A commit without an outcome.
struct PendingAppend: Sendable {
    let request: AppendRequest
    /// Resumes the caller; called once.
    let finish: @Sendable (Result<CommitReceipt, StoreError>) -> Void
}
