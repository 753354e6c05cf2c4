// What holds where neither the file nor the environment chooses anything.

/// The last resort of every choice.
///
/// There is no event store among them unless code names one: a program that loses its configuration
/// has to stop, and must not go on with events in memory that are lost when it ends.
public struct BuiltInDefaults: Hashable, Sendable {
    /// The name of a definition or kind; nil makes the choice of an event store necessary.
    public var eventStore: String?
    /// The name of a definition or kind; `none` for no snapshots.
    public var snapshotStore: String
    /// The name of a definition or kind; `none` for no routing.
    public var router: String
    /// After how many events of a graph a save makes a snapshot; 0 for never.
    public var snapshotFrequency: Int
    /// How many aggregates a repository keeps in memory at most.
    public var identityMapCountMax: Int

    /// The last resort of every choice, with what is said to be another.
    /// - Parameters:
    ///   - eventStore: the name of a definition or kind; nil makes the choice of an event store necessary.
    ///   - snapshotStore: the name of a definition or kind; `none` for no snapshots.
    ///   - router: the name of a definition or kind; `none` for no routing.
    ///   - snapshotFrequency: after how many events of a graph a save makes a snapshot; 0 for never.
    ///   - identityMapCountMax: how many aggregates a repository keeps in memory at most.
    public init(
        eventStore: String? = nil, snapshotStore: String = "none", router: String = "none",
        snapshotFrequency: Int = 100, identityMapCountMax: Int = 1000
    ) {
        self.eventStore = eventStore
        self.snapshotStore = snapshotStore
        self.router = router
        self.snapshotFrequency = snapshotFrequency
        self.identityMapCountMax = identityMapCountMax
    }
}
