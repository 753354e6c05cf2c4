// Who may change an aggregate now, within one repository. Those who come while somebody has the turn wait in the order in
// which they came, so they never race each other to the store, and no one is overtaken.
//
// Invariants: an aggregate has a line as long as somebody has its turn, and nothing is kept of it afterwards. A waiter is
// resumed once: by whoever takes it out of the table.

internal import Synchronization

/// Turns by aggregate, held across suspensions.
final class AggregateTurns: Sendable {
    /// How waiting ended.
    enum Outcome: Sendable {
        /// The caller has the turn, and gives it back.
        case taken
        /// The task was cancelled, and has no turn.
        case cancelled
        /// As many wait for the aggregate as may; the caller has no turn.
        case full
    }

    private typealias Continuation = CheckedContinuation<Outcome, Never>

    private struct State {
        var lines: [AggregateID: WaitingLine<Continuation>] = [:]
        var keyNext: UInt64 = 0
    }

    private let state = Mutex(State())
    private let waitingCountMax: Int

    /// - Parameter waitingCountMax: how many may wait for one aggregate.
    init(waitingCountMax: Int) { self.waitingCountMax = waitingCountMax }

    /// How many aggregates somebody changes now.
    var lineCount: Int { state.withLock { $0.lines.count } }

    /// How many wait for an aggregate.
    func waitingCount(for id: AggregateID) -> Int { state.withLock { $0.lines[id]?.count ?? 0 } }

    /// Takes the turn where nobody has it, without waiting.
    func takeIfFree(_ id: AggregateID) -> Bool {
        state.withLock { state in
            if state.lines[id] != nil { return false }
            state.lines[id] = WaitingLine()
            return true
        }
    }

    /// Waits until it is the caller's turn. Each `taken` is followed by one call of `give`.
    nonisolated(nonsending) func take(_ id: AggregateID) async -> Outcome {
        let key = state.withLock { state in
            state.keyNext += 1
            return state.keyNext
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: Continuation) in
                let known = state.withLock { state -> Outcome? in
                    // Cancellation that came before is seen here; one that comes later finds the waiter.
                    if Task.isCancelled { return .cancelled }
                    guard let waitingCount = state.lines[id]?.count else {
                        state.lines[id] = WaitingLine()
                        return .taken
                    }
                    if waitingCount >= waitingCountMax { return .full }
                    state.lines[id]?.append(continuation, key: key)
                    return nil
                }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            state.withLock { $0.lines[id]?.remove(key: key) }?.resume(returning: .cancelled)
        }
    }

    /// Hands the turn to whoever has waited longest.
    func give(_ id: AggregateID) {
        let next = state.withLock { state -> Continuation? in
            let next = state.lines[id]?.removeFirst()
            if next == nil { state.lines[id] = nil }
            return next
        }
        next?.resume(returning: .taken)
    }
}
