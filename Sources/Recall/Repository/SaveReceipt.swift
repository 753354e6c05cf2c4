// What a save comes back with: where the events are, and, apart from that, whether they got to the router.

/// What a save did. Storing and routing have outcomes of their own: where this is returned, the events are stored.
public struct SaveReceipt: Sendable {
    /// Where the events are; nil where nothing was staged, so that nothing was stored.
    public var commit: CommitReceipt?
    /// Whether the events got to the router.
    public var routing: RoutingOutcome

    /// The position of the last event that was stored, for readers to wait for; nil where nothing was.
    public var lastPosition: Position? { commit?.lastPosition }

    init(commit: CommitReceipt? = nil, routing: RoutingOutcome = .nothingToRoute) {
        self.commit = commit
        self.routing = routing
    }
}
