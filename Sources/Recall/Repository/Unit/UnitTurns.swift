// Whose turn it is for the aggregates of a unit of work. Units name their aggregates one after the other, in any order, so waiting for each as it is
// named would let two units wait for each other for ever.
//
// Invariant: who waits for a turn holds none that comes after it, in one order of all turns of the process. So nobody waits in a circle, with
// updates of single aggregates neither, which hold one turn and wait for none.
//
// A turn that may not be waited for is gone without, until the closure has run. Then the unit gives all turns back and takes all that it has come to
// know, in their order; whether what the closure saw is still true is for the store's conditions to say, and a second attempt has the turns.

/// The turn of one aggregate in one repository.
struct UnitTurn: Hashable, Comparable {
    let id: AggregateID
    let type: AggregateType
    let turns: AggregateTurns

    static func == (left: UnitTurn, right: UnitTurn) -> Bool {
        left.id == right.id && left.turns === right.turns
    }

    static func < (left: UnitTurn, right: UnitTurn) -> Bool {
        if left.id != right.id { return left.id < right.id }
        return ObjectIdentifier(left.turns) < ObjectIdentifier(right.turns)
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(id)
        hasher.combine(ObjectIdentifier(turns))
    }
}

/// The turns that a unit of work holds, through all of its attempts.
final class UnitTurns {
    private var held: Set<UnitTurn> = []
    private var missing: Set<UnitTurn> = []

    /// Whether the unit has gone without the turn of an aggregate that it has.
    var isIncomplete: Bool { !missing.isEmpty }

    /// Takes the turn of an aggregate that the unit has come to, or notes that it is missing.
    /// - Throws: `busy`, or `CancellationError`.
    nonisolated(nonsending) func join(_ turn: UnitTurn) async throws {
        if held.contains(turn) || missing.contains(turn) { return }
        if turn.turns.takeIfFree(turn.id) {
            held.insert(turn)
        } else if held.allSatisfy({ $0 < turn }) {
            try await take(turn)
        } else {
            missing.insert(turn)
        }
    }

    /// Gives all turns back, and takes them and those that were missing in their order.
    /// - Throws: `busy`, or `CancellationError`, and holds some of them.
    nonisolated(nonsending) func takeAllInOrder() async throws {
        let wanted = held.union(missing).sorted()
        giveAll()
        for turn in wanted { try await take(turn) }
    }

    /// Gives all turns back.
    func giveAll() {
        for turn in held { turn.turns.give(turn.id) }
        held = []
        missing = []
    }

    private nonisolated(nonsending) func take(_ turn: UnitTurn) async throws {
        switch await turn.turns.take(turn.id) {
        case .taken: held.insert(turn)
        case .cancelled: throw CancellationError()
        case .full: throw RepositoryError.busy(turn.id, type: turn.type)
        }
    }
}
