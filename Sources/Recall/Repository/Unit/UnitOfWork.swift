// Several aggregates that are loaded, changed and saved together: what is staged in all of them becomes one commit, stored whole or not at
// all, with what each of them was when it was looked at as its condition.
//
// The unit knows who belongs to it; how it is committed and tried again stands in `UnitOfWork+Commit`, and whose turn it is in `UnitTurns`.
//
// Invariants: an aggregate is in a unit once, whoever asks for it, and each who asks gets it as it was left. Nothing that is done in the unit
// is seen outside of it before the commit.

/// Aggregates of any types that are saved together. `UnitOfWork.commit(metadata:timeout:_:)` makes one, and a repository takes it as `in: unit`:
///
///     try await UnitOfWork.commit { unit in
///         try await accounts.update(payer, in: unit) { try $0.withdraw(amount) }
///         try await accounts.update(payee, in: unit) { $0.deposit(amount) }
///         try await transfers.create(in: unit) { $0.record(payer, payee, amount) }
///     }
///
/// It belongs to the closure that it was given to, and is not to be used by several tasks at once or kept.
public final class UnitOfWork {
    /// Counts what is staged in all of its aggregates, so that the commit has the events in the order in which they happened.
    let clock = StagingClock()
    let turns: UnitTurns
    private(set) var members: [AggregateID: any UnitMember] = [:]
    /// In the order in which they came.
    private(set) var memberIDs: [AggregateID] = []
    /// Set by the first member; nil while there is none.
    private(set) var store: (any EventStore)?
    private(set) var retry: ConflictRetry?
    var isOver = false

    init(turns: UnitTurns) { self.turns = turns }

    /// The aggregate's place in the unit; nil where it is not in it yet.
    func member<Root: AggregateRoot>(
        _ id: AggregateID, of repository: Repository<Root>
    ) throws(RepositoryError) -> UnitMemberOf<Root>? {
        try check(repository, id)
        guard let member = members[id] else { return nil }
        if let member = member as? UnitMemberOf<Root> { return member }
        throw RepositoryError(
            .wrongAggregateType,
            "\(id) is a \(member.aggregateType) in the unit of work, and was asked for as \(Root.aggregateType); nothing was written: use the repository of its type.",
            aggregateID: id)
    }

    func add(_ member: any UnitMember) {
        members[member.id] = member
        memberIDs.append(member.id)
    }

    /// Refuses a repository whose aggregates cannot be in one commit with those that are there.
    private func check<Root: AggregateRoot>(
        _ repository: Repository<Root>, _ id: AggregateID
    ) throws(RepositoryError) {
        if isOver {
            throw RepositoryError(
                .invalidUnit,
                "\(Root.aggregateType) \(id) was asked for in a unit of work that is over: use a unit only inside the closure that it was given to.",
                aggregateID: id)
        }
        let own = repository.configuration.eventStore
        guard let store else {
            store = own
            retry = repository.configuration.retry
            return
        }
        if store.isSame(as: own) { return }
        throw RepositoryError(
            .invalidUnit,
            "\(Root.aggregateType) \(id) is in another store than the other aggregates of the unit of work, and two stores cannot store one commit; nothing was written: keep together in one store what changes together, or commit to each by itself.",
            aggregateID: id)
    }
}
