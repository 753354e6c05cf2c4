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

/// What a store answers for a commit that it holds.
public struct CommitReceipt: Hashable, Sendable {
    /// The position of the first event of the commit.
    public var firstPosition: Position
    /// The position of the last event; those between are of the same commit.
    public var lastPosition: Position
    /// For each stream of the commit, the version of its last event in it.
    public var versions: [AggregateID: Version]
    /// Whether the events had been stored before under the same ids, so that nothing was written now.
    public var wasStoredBefore: Bool

    /// A receipt as a store makes it.
    /// - Parameter versions: for each stream with an event in the commit, the version of its last one.
    public init(
        firstPosition: Position, lastPosition: Position, versions: [AggregateID: Version],
        wasStoredBefore: Bool
    ) {
        self.firstPosition = firstPosition
        self.lastPosition = lastPosition
        self.versions = versions
        self.wasStoredBefore = wasStoredBefore
    }
}
