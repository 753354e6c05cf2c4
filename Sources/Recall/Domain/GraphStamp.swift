// How much of the store's history a loaded root holds. The id of the last event makes it certain:
// a store that was restored to an earlier state, or replaced, has another event at that position.

/// The last event of a graph that a root's state holds.
struct GraphStamp: Hashable, Sendable, Codable {
    var position: Position
    var eventID: EventID
    /// How many events were applied since the state was last in a snapshot.
    var unsnapshottedEventCount = 0

    private enum CodingKeys: String, CodingKey { case position, eventID }
}
