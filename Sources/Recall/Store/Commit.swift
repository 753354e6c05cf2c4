// The unit of atomicity: events of one or many aggregates that are stored together or not at all,
// with what must be true for that.

/// Events to be stored together, in this order, and what must hold for it.
public struct Commit: Hashable, Sendable {
    /// In the order in which they get their positions.
    public var events: [NewEvent]

    /// What must be true of streams; a stream that is not named here may have any version.
    /// May name streams that get no event.
    public var expectedVersions: [AggregateID: ExpectedVersion]

    /// Graphs that must not have changed: for a root, the position of the last commit that touched
    /// the root or any of its children, as it was seen when the graph was loaded (0: never).
    /// This is what keeps invariants over a whole aggregate when only a child gets an event.
    public var expectedGraphPositions: [AggregateID: Position]

    /// Events of any number of aggregates. Nothing is checked before the commit is appended.
    /// - Parameters:
    ///   - events: at least one, in the order in which they get their positions.
    ///   - expectedVersions: what must be true of streams; those that are not named may have any version.
    ///   - expectedGraphPositions: by root, the position of the last event of its graph; 0 for none.
    public init(
        events: [NewEvent], expectedVersions: [AggregateID: ExpectedVersion] = [:],
        expectedGraphPositions: [AggregateID: Position] = [:]
    ) {
        self.events = events
        self.expectedVersions = expectedVersions
        self.expectedGraphPositions = expectedGraphPositions
    }

    /// Events of one aggregate: all join its stream, whichever they named, and the expectation is about it.
    public init(
        _ events: [NewEvent], to aggregateID: AggregateID, expecting expected: ExpectedVersion = .any
    ) {
        let joined = events.map { event in
            var event = event
            if event.rootID == event.aggregateID { event.rootID = aggregateID }
            event.aggregateID = aggregateID
            return event
        }
        self.init(events: joined, expectedVersions: [aggregateID: expected])
    }
}
