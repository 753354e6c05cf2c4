// All that a relay has to remember: how far it is, and what it has set aside. Any state that was ever saved is a safe one
// to begin from: events may come again then, but none is passed over.

/// How far a relay is.
public struct RelayState: Hashable, Sendable {
    /// Everything up to here was confirmed by the router, was discarded, or waits in `parked`.
    public var cursor: Position
    /// The id of the event at the cursor, by which it is known that the store is the same; nil where it is not checked.
    public var cursorEventID: EventID?
    /// Which history of the store the cursor belongs to; nil where it is not known, or not checked.
    public var history: StoreHistory?
    /// An event behind the cursor that was refused and is tried again.
    public var refusal: RelayRefusal?
    /// What was set aside, by position.
    public var parked: [ParkedEvent]

    /// A state with these values; that of a relay that has not begun unless some are given.
    /// - Parameters:
    ///   - cursor: the last position that is passed over; to begin in the middle of a store.
    ///   - cursorEventID: the event there; nil for no check.
    ///   - refusal: the event behind the cursor that was refused.
    ///   - parked: what was set aside, by position.
    ///   - history: which history of the store the cursor belongs to; nil for no check.
    public init(
        cursor: Position = .beforeFirst, cursorEventID: EventID? = nil, refusal: RelayRefusal? = nil,
        parked: [ParkedEvent] = [], history: StoreHistory? = nil
    ) {
        self.history = history
        self.cursor = cursor
        self.cursorEventID = cursorEventID
        self.refusal = refusal
        self.parked = parked
    }
}

/// How often an event was refused that is tried again. It is kept, so that an event which brings the process down
/// each time is given up in the end as well.
public struct RelayRefusal: Hashable, Sendable {
    /// The event.
    public var position: Position
    /// How many times it was refused when it was delivered alone.
    public var attemptCount: Int

    /// A number of refusals of an event.
    public init(position: Position, attemptCount: Int) {
        self.position = position
        self.attemptCount = attemptCount
    }
}
