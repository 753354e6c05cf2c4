// Which stored events a router did not take, and why: enough to route them again from the store.

/// Events that are stored and did not get to the router.
public struct UnroutedEvents: Sendable, CustomStringConvertible {
    /// The root that was saved.
    public var aggregateID: AggregateID
    /// The positions of the events that were not routed. Between them may be events of other roots that were saved in the same unit of work;
    /// these are not meant.
    public var positions: ClosedRange<Position>
    /// What the router threw.
    public var cause: any Error
    /// One sentence: what is stored, what was not routed, and what to do next.
    public var message: String

    init(_ message: String, aggregateID: AggregateID, positions: ClosedRange<Position>, cause: any Error) {
        self.message = message
        self.aggregateID = aggregateID
        self.positions = positions
        self.cause = cause
    }

    public var description: String { "\(message) [cause: \(cause)]" }
}
