// One task at a time, in the order in which they came, across suspensions: an actor would let the next one in at
// each await.

/// A lock that tasks hold while they await other things.
final class TaskTurn: Sendable {
    /// A single line, under an id that no aggregate has.
    private let turns = AggregateTurns(waitingCountMax: .max)

    /// Waits until nobody else has the turn, and takes it. Each call that returns is followed by one of `give`.
    /// - Throws: where the task is cancelled while it waits; then the turn is not taken.
    nonisolated(nonsending) func take() async throws(CancellationError) {
        if turns.takeIfFree(.zero) { return }
        guard case .taken = await turns.take(.zero) else { throw CancellationError() }
    }

    /// Hands the turn to whoever has waited longest.
    func give() { turns.give(.zero) }
}
