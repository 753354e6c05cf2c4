// What a replay did, or would do.

/// Who got how many events, and where to go on.
public struct PlayerReport: Hashable, Sendable {
    /// Everything up to here was played.
    public var checkpoint: PlayerCheckpoint
    /// How many events the query gave.
    public var eventCount = 0
    /// How many of them no handler wanted.
    public var unhandledEventCount = 0
    /// For each handler, by its name, how many events it got; 0 for one that got none.
    public var eventCountsByHandler: [String: Int] = [:]

    init(checkpoint: PlayerCheckpoint, handlerNames: [String]) {
        self.checkpoint = checkpoint
        for name in handlerNames { eventCountsByHandler[name] = 0 }
    }
}
