// What an operator wants to know of a relay, as values that any system of metrics can be fed with.

/// Where a relay is, and what it has done since it was made.
public struct RelayStatus: Hashable, Sendable {
    /// Everything up to here was confirmed, was discarded, or is parked.
    public var cursor: Position
    /// The last event that the store shows.
    public var lastPosition: Position
    /// How many events are parked, without those that wait behind them.
    public var parkedEventCount: Int
    /// How many events wait behind parked ones.
    public var heldEventCount: UInt64
    /// What was done since the relay was made.
    public var counts: RelayCounts

    /// How many events of the store the relay has not come to yet.
    public var lag: UInt64 {
        lastPosition > cursor ? lastPosition.rawValue - cursor.rawValue : 0
    }
}

/// What a relay has done since it was made. The numbers only grow, but for the last two.
public struct RelayCounts: Hashable, Sendable {
    /// Events that the router confirmed, repeated ones included.
    public var routedEventCount: UInt64 = 0
    /// Calls of the router that it confirmed as a whole.
    public var routedBatchCount: UInt64 = 0
    /// Calls that ended with a refusal.
    public var refusalCount: UInt64 = 0
    /// Calls that ended because a destination could not be reached, and readings that failed because the store could not.
    public var transientFailureCount: UInt64 = 0
    /// Events that were parked.
    public var parkedEventCount: UInt64 = 0
    /// How many of the failures came one after the other without anything getting through; 0 when all is well.
    public var failureCountInARow = 0
    /// The last of these failures, as text; nil when all is well.
    public var lastFailure: String?

    /// Nothing was done.
    public init() {}
}
