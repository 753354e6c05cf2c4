// What a progress bar needs to know.

/// How far a replay is.
public struct PlayerProgress: Hashable, Sendable {
    /// Everything up to here was played or left out.
    public var position: Position
    /// Where the replay is going to end: the last position when it began, or that of the query.
    public var lastPosition: Position
    /// How many events were played.
    public var eventCount: Int
}
