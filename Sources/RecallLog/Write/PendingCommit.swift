// A commit on its way through the queue: what its caller made ready, what the writer answers, and who waits. These
// objects are used again, so that an append allocates nothing of its own.

package import Recall

/// A commit from its preparation to its outcome.
///
/// `@unchecked Sendable`: it has one owner at a time. Its caller prepares it; between entering the queue and the moment
/// when the queue says that it is finished, under the queue's lock, the one writer has it; then the caller again.
package final class PendingCommit: @unchecked Sendable {
    /// What the writer did with a commit.
    package enum Outcome: Sendable {
        case none
        /// It is stored; its first event has this position.
        case stored(UInt64)
        /// It had been stored before.
        case repeated(CommitReceipt)
        case failed(StoreError)
    }

    private var prepared = PreparedCommit()
    package var outcome = Outcome.none
    /// Guarded by the queue's lock, like the two below.
    var continuation: UnsafeContinuation<Void, Never>?
    var isFinished = false
    /// What it counts for in the queue's limit, in bytes.
    var admittedBytes = 0

    package init() {}

    /// Lends what was prepared to the present owner, in one go: each access to a class's property is checked.
    @inline(__always)
    package func withPrepared<Result, Failure: Error>(
        _ body: (inout PreparedCommit) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(&prepared)
    }

    /// What its caller is told.
    func result() throws(StoreError) -> CommitReceipt {
        switch outcome {
        case .stored(let position): return withPrepared { $0.receipt(firstPosition: position) }
        case .repeated(let receipt): return receipt
        case .failed(let error): throw error
        case .none: throw .closedLog
        }
    }

    /// Makes it ready for the next commit.
    func removeAll() {
        withPrepared { $0.removeAll() }
        outcome = .none
        continuation = nil
        isFinished = false
    }
}
