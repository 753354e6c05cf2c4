// What came of a change that was made and saved in one call.

/// An aggregate that was changed and saved.
public struct Saved<Root: AggregateRoot, Result> {
    /// The aggregate as it is saved, with nothing staged.
    public var aggregate: Root
    /// What the change returned at the attempt that was stored.
    public var result: Result
    /// Where the events are, and whether they got to the router.
    public var receipt: SaveReceipt

    init(aggregate: Root, result: Result, receipt: SaveReceipt) {
        self.aggregate = aggregate
        self.result = result
        self.receipt = receipt
    }
}

extension Saved: Sendable where Result: Sendable {}
