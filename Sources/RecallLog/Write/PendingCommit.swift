// A commit on its way through the queue: what its caller made ready, what the writer answers, and who waits. These
// objects are used again, and form the queue themselves, so that an append allocates nothing of its own.

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

    private struct Storage: ~Copyable {
        var prepared = PreparedCommit()
        var outcome = Outcome.none
    }

    /// What the queue's lock guards.
    struct Waiting {
        /// The task that is suspended until the commit is finished.
        var continuation: UnsafeContinuation<Void, Never>?
        var isFinished = false
        /// What it counts for in the queue's limit, in bytes.
        var admittedBytes = 0
        /// The one behind it, in the queue or in its group.
        var next: PendingCommit?
    }

    /// Behind a pointer, not in properties: each access to those would be checked at run time, though the rule of one
    /// owner keeps accesses apart.
    private let storage: UnsafeMutablePointer<Storage>
    /// A pointer of its own, since the task that waits sets it, under the lock, while the writer has the storage.
    private let shared: UnsafeMutablePointer<Waiting>

    package init() {
        storage = .allocate(capacity: 1)
        storage.initialize(to: Storage())
        shared = .allocate(capacity: 1)
        shared.initialize(to: Waiting())
    }

    deinit {
        storage.deinitialize(count: 1)
        storage.deallocate()
        shared.deinitialize(count: 1)
        shared.deallocate()
    }

    /// Lends what was prepared to the present owner.
    @inline(__always)
    package func withPrepared<Result, Failure: Error>(
        _ body: (inout PreparedCommit) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(&storage.pointee.prepared)
    }

    package var outcome: Outcome {
        @inline(__always) get { storage.pointee.outcome }
        @inline(__always) set { storage.pointee.outcome = newValue }
    }

    var waiting: Waiting {
        @inline(__always) get { shared.pointee }
        @inline(__always) _modify { yield &shared.pointee }
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
        waiting.isFinished = false
    }
}

/// Commits in a row, each of which knows the next.
struct PendingList {
    private(set) var first: PendingCommit?
    private var last: PendingCommit?

    var isEmpty: Bool { first == nil }

    mutating func append(_ pending: PendingCommit) {
        if let last { last.waiting.next = pending } else { first = pending }
        last = pending
    }

    mutating func removeFirst() -> PendingCommit? {
        guard let pending = first else { return nil }
        first = pending.waiting.next
        pending.waiting.next = nil
        if first == nil { last = nil }
        return pending
    }

    /// Calls `body` with each, in order.
    @inline(__always)
    func forEach(_ body: (PendingCommit) -> Void) {
        var next = first
        while let pending = next {
            next = pending.waiting.next
            body(pending)
        }
    }
}
