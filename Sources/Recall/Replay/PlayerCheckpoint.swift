// Where a replay is, so that it can go on there.

/// Everything up to a position has been played.
public struct PlayerCheckpoint: Hashable, Sendable, Codable {
    /// The last position that was played or left out.
    public var position: Position

    /// After the event at `position`.
    public init(position: Position) { self.position = position }

    /// Before the first event.
    public static let start = PlayerCheckpoint(position: .beforeFirst)
}
