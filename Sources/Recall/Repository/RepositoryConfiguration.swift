// What a repository works with. A value, made by code or by RecallConfiguration from a file.

public import Logging

/// The stores, the router and the numbers that a repository works with.
public struct RepositoryConfiguration: Sendable {
    /// Where events are appended and read.
    public var eventStore: any EventStore
    /// Where snapshots are kept; nil for none.
    public var snapshotStore: (any SnapshotStore)?
    /// Gets every event that was stored; nil for nobody.
    public var router: (any EventRouter)?
    /// The codec and the upcasters.
    public var coder: EventCoder
    /// After how many events of a graph a save makes a snapshot; 0 for never.
    public var snapshotFrequency: Int
    /// How many aggregates are kept in memory at most, the most recently used ones; 0 for none.
    public var identityMapCountMax: Int
    /// The time that events and snapshots are stamped with.
    public var clock: WallClock
    /// Makes the id of each event.
    public var makeEventID: @Sendable () -> EventID
    /// What an update does after a conflict with somebody outside of the repository.
    public var retry = ConflictRetry()
    /// How many updates of one aggregate may wait for each other in the repository; one more is refused with `busy`.
    public var waitingUpdateCountMax = 100_000
    /// Which states are compared with what their events give; in a release build none, unless it is asked for.
    public var checks = StateChecks.standard
    /// Hears of events that are stored and did not get to the router, as the caller does by `SaveReceipt.routing`.
    public var onUnrouted: (@Sendable (UnroutedEvents) async -> Void)?
    /// Hears of what went wrong without consequence, such as a snapshot that could not be used.
    public var logger: Logger

    /// Everything but the event store has a default: no snapshots, no router, JSON, the system's clock.
    public init(
        eventStore: any EventStore, snapshotStore: (any SnapshotStore)? = nil,
        router: (any EventRouter)? = nil, coder: EventCoder = EventCoder(), snapshotFrequency: Int = 100,
        identityMapCountMax: Int = 1000, clock: WallClock = .system,
        makeEventID: @escaping @Sendable () -> EventID = { EventID() },
        logger: Logger = Logger(label: "recall.repository")
    ) {
        self.eventStore = eventStore
        self.snapshotStore = snapshotStore
        self.router = router
        self.coder = coder
        self.snapshotFrequency = snapshotFrequency
        self.identityMapCountMax = identityMapCountMax
        self.clock = clock
        self.makeEventID = makeEventID
        self.logger = logger
    }
}
