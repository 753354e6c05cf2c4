// The seam between the domain and wherever its events are kept. Small on purpose: what can be built
// from these calls (sequences, subscriptions) is built once, in extensions, for every store.

/// Keeps events in commits, and gives them back in order.
///
/// Positions are global, gapless and monotonic from 1; versions are gapless in each stream. Both are
/// assigned when a commit is stored. Readers see only what the store's durability promises.
public protocol EventStore: Sendable {
    /// Stores a commit whole, or not at all.
    ///
    /// An event id makes it idempotent: when all ids of the commit are stored already, one after the
    /// other and with the same bodies, nothing is written and the receipt names where they are,
    /// whatever versions were expected.
    ///
    /// On return the commit is as durable as the store's configuration promises. A commit that the store has taken up is not
    /// called off by a cancelled task, which gets its outcome; `cancelled` says that nothing was written.
    /// - Throws: `conflict`, `eventIDReused`, `duplicateEventID`, `limitExceeded`, `invalidArgument`,
    ///   `cancelled` (nothing was written), or what kept the store from working.
    func append(_ commit: Commit) async throws(StoreError) -> CommitReceipt

    /// Reads a page of events.
    /// - Throws: `damaged`, with the positions, where stored bytes are not what was written;
    ///   `invalidArgument` for a negative limit or a page of less than one event; `anotherHistory` where the store does not
    ///   hold what the query's cursor knows; `closed`, or what kept the store from working.
    func read(_ query: EventQuery) async throws(StoreError) -> EventPage

    /// What is known about an aggregate or child entity; nil when no event ever touched it.
    /// - Throws: `closed`, or what kept the store from looking.
    func status(of aggregate: AggregateID) async throws(StoreError) -> AggregateStatus?

    /// The position of the last event that readers may see; 0 in an empty store.
    /// - Throws: `closed`, or what kept the store from looking.
    func lastPosition() async throws(StoreError) -> Position

    /// Waits until an event behind `position` can be read.
    /// - Throws: `cancelled` when the task is cancelled, `closed` when the store closes.
    func waitForEvent(after position: Position) async throws(StoreError)

    /// Waits until an event behind a cursor can be read, or the store does not hold the cursor's event any more: whoever reads on behind the
    /// cursor gets the one, or is refused with `anotherHistory`. A store that cannot lose events while it is open need not look.
    /// - Throws: as `waitForEvent(after:)` for a position.
    func waitForEvent(after cursor: EventCursor) async throws(StoreError)

    /// Whether both are the same store, so that one commit can hold events of both. Two that say no are never written to together.
    func isSame(as other: any EventStore) -> Bool
}

extension EventStore {
    /// Waits for an event behind the cursor's position.
    public func waitForEvent(after cursor: EventCursor) async throws(StoreError) {
        try await waitForEvent(after: cursor.position)
    }

    /// Whether both are one object. A store that is a value says itself what makes two of them the same.
    public func isSame(as other: any EventStore) -> Bool {
        guard type(of: self) is AnyClass, type(of: other) is AnyClass else { return false }
        return self as AnyObject === other as AnyObject
    }
}

/// Where an aggregate stands.
public struct AggregateStatus: Hashable, Sendable {
    /// The version of the last event in its own stream; 0 for a root whose children alone have events.
    public var version: Version
    /// The position of the last event of the aggregate or, for a root, of any of its children.
    public var graphPosition: Position

    /// A status as a store makes it.
    public init(version: Version, graphPosition: Position) {
        self.version = version
        self.graphPosition = graphPosition
    }
}
