// Where a replay is, so that it can go on there.

/// Everything up to a position has been played. Keep all of it: the event's id is what tells that the store is still the same.
public struct PlayerCheckpoint: Hashable, Sendable, Codable {
    /// The last position that was played or left out.
    public var position: Position
    /// The id of the event there; nil where it is not known.
    public var eventID: EventID?
    /// Which history of the store the position belongs to; nil where that is not known.
    public var history: StoreHistory?

    /// After the event at `position`, which is only known to be there.
    public init(position: Position) { self.position = position }

    /// After what a cursor has passed.
    public init(_ cursor: EventCursor) {
        position = cursor.position
        eventID = cursor.eventID
        history = cursor.history
    }

    /// What a store must hold for the checkpoint to mean anything in it.
    public var cursor: EventCursor {
        EventCursor(position: position, eventID: eventID, history: history)
    }

    /// Before the first event.
    public static let start = PlayerCheckpoint(position: .beforeFirst)
}
