// What came of several aggregates that were changed and saved together.

/// Aggregates that were changed and saved in one commit.
public struct SavedUnit<Result> {
    /// What the closure returned at the attempt that was stored.
    public var result: Result
    /// Where the events are, and whether they got to the routers.
    public var receipt: UnitReceipt
    private let aggregates: [AggregateID: any AggregateRoot]

    init(result: Result, receipt: UnitReceipt, aggregates: [AggregateID: any AggregateRoot]) {
        self.result = result
        self.receipt = receipt
        self.aggregates = aggregates
    }

    /// An aggregate of the unit as it is saved, with nothing staged; nil where the unit had no such one.
    public func aggregate<Root: AggregateRoot>(_ id: AggregateID, as type: Root.Type = Root.self) -> Root? {
        aggregates[id] as? Root
    }

    /// The same with another result.
    func with<Other>(result: Other) -> SavedUnit<Other> {
        SavedUnit<Other>(result: result, receipt: receipt, aggregates: aggregates)
    }
}

extension SavedUnit: Sendable where Result: Sendable {}

/// What a unit of work did. Storing and routing have outcomes of their own: where this is returned, the events are stored.
public struct UnitReceipt: Sendable {
    /// Where the events are, one after the other; nil where nothing was staged, so that nothing was stored.
    public var commit: CommitReceipt?
    /// What is stored and did not get to the router of its repository, by aggregate; empty where all did. It is not to be saved again:
    /// `Repository.routeAgain(_:)` of the aggregate's repository routes it from the store.
    public var unrouted: [UnroutedEvents] = []

    /// The position of the last event that was stored, for readers to wait for; nil where nothing was.
    public var lastPosition: Position? { commit?.lastPosition }

    init(commit: CommitReceipt? = nil) { self.commit = commit }
}
