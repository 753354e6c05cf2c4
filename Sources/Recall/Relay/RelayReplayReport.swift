// What came of delivering parked events again.

/// What a relay did with parked events.
public struct RelayReplayReport: Hashable, Sendable {
    /// How many events got through, those that had waited behind others included.
    public var deliveredEventCount = 0
    /// What was refused again, and is parked still.
    public var refused: [ParkedEvent] = []

    /// Nothing was done.
    public init() {}
}
