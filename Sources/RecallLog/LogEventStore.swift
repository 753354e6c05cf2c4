// The log as an `EventStore`. Reading may wait for the disk, so it is done on the log's own threads.

public import Recall
internal import RecallThreads

/// The events of an open log.
public struct LogEventStore: EventStore {
    let log: Log

    init(_ log: Log) { self.log = log }

    /// Whether both are the events of one open log.
    public func isSame(as other: any EventStore) -> Bool { (other as? LogEventStore)?.log === log }

    /// Stores a commit whole, or not at all. What is durable on return is what the log's configuration
    /// promises.
    /// - Throws: as `Log.append(_:)` does: nothing was written, unless it is the failure of a write itself.
    public func append(_ commit: Commit) async throws(StoreError) -> CommitReceipt {
        try await log.append(commit)
    }

    /// Reads a page on the log's own threads, and verifies the checksum of what it reads. Only what the log's
    /// durability promises is seen: with `Durability.commit`, only what is on the disk.
    /// - Throws: `damaged`, with the positions, where stored bytes are not what was written;
    ///   `invalidArgument` for a negative limit or a page of less than one event; `closed`, or what the disk
    ///   reported.
    public func read(_ query: EventQuery) async throws(StoreError) -> EventPage {
        try await log.pool.run { [log] () throws(StoreError) in try log.readBlocking(query) }
    }

    /// What is known about an aggregate or child entity from the events that readers may see; nil when none
    /// of them touched it.
    /// - Throws: `damaged` where lost frames may have held its events; `closed`, or what the disk reported.
    public func status(of aggregate: AggregateID) async throws(StoreError) -> AggregateStatus? {
        try await log.pool.run { [log] () throws(StoreError) in try log.statusBlocking(of: aggregate) }
    }

    /// The position of the last event that readers may see; 0 in an empty log. A log that is open for reading
    /// only looks at its files for what another process has written.
    /// - Throws: `closed`; for a log that is open for reading only, what its files reported.
    public func lastPosition() async throws(StoreError) -> Position {
        guard log.isFollowing else { return Position(try log.visiblePosition()) }
        return try await log.pool.run { [log] () throws(StoreError) in try log.lastPositionBlocking() }
    }

    /// Waits until an event behind `position` can be read. A log that is open for reading only sleeps
    /// until its writer, in another process, publishes something, and looks each second whether that is alive; where it may not
    /// write to the store's lock file, or while there is no writer, it looks every few milliseconds.
    /// - Throws: `cancelled` when the task is cancelled, `closed` when the log is closed; for a log that is
    ///   open for reading only, what its files reported.
    public func waitForEvent(after position: Position) async throws(StoreError) {
        try log.checkOpen()
        guard let watch = log.followerWatch else {
            return try await log.published.wait(after: position.rawValue)
        }
        if try await lastPosition() > position { return }
        try await watch.wait(after: position.rawValue)
    }
}
