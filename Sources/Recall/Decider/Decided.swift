// A decider's state as an aggregate, so that everything that holds for aggregates holds for it: stamps, turns, conflicts, snapshots, units of work.

/// The state of a decider under an identity, with the events that led to it.
public struct Decided<Logic: Decider>: AggregateRoot {
    /// That of the decider.
    public static var aggregateType: AggregateType { Logic.aggregateType }
    /// That of the decider.
    public static var snapshotSchemaVersion: UInt32 { Logic.snapshotSchemaVersion }

    /// Identity, version and what is staged.
    public var lifecycle: EntityLifecycle
    /// What decisions are made on.
    public private(set) var state: Logic.State

    /// The initial state under an identity.
    public init(id: AggregateID) {
        lifecycle = EntityLifecycle(id: id)
        state = Logic.initialState
    }

    /// Lets happen what the decider says to a command.
    /// - Returns: what has happened.
    /// - Throws: what the decider throws, and then nothing has happened.
    @discardableResult
    public mutating func decide(_ command: Logic.Command) throws(Logic.Refusal) -> [Logic.Fact] {
        let facts = try Logic.decide(command, in: state)
        for fact in facts { stage(fact) }
        return facts
    }

    /// Changes the state as the decider says.
    public mutating func apply(_ event: Logic.Fact) { Logic.evolve(&state, with: event) }
}

extension Decided: Equatable where Logic.State: Equatable {}
