// The log as an `EventStore`. Reading may wait for the disk, so it is done on the log's own threads.

public import Recall

/// The events of an open log.
public struct LogEventStore: EventStore {
    private let log: Log

    /// How often a log of another process is looked at for new events while somebody waits for one.
    private static let followingInterval = Duration.milliseconds(2)

    init(_ log: Log) { self.log = log }

    /// Stores a commit whole, or not at all. What is durable on return is what the log's configuration promises.
    public func append(_ commit: Commit) async throws(StoreError) -> CommitReceipt {
        try await log.append(commit)
    }

    public func read(_ query: EventQuery) async throws(StoreError) -> EventPage {
        try await log.pool.run { [log] () throws(StoreError) in try log.readBlocking(query) }
    }

    public func status(of aggregate: AggregateID) async throws(StoreError) -> AggregateStatus? {
        try await log.pool.run { [log] () throws(StoreError) in
            try log.reader.status(of: RawIdentifier(aggregate.uuid), published: try log.visiblePosition())
        }
    }

    public func lastPosition() async throws(StoreError) -> Position {
        guard log.isFollowing else { return Position(try log.visiblePosition()) }
        return try await log.pool.run { [log] () throws(StoreError) in try log.lastPositionBlocking() }
    }

    /// Waits until an event behind `position` can be read. A log that is open for reading only is
    /// looked at every few milliseconds, since its writer is another process.
    public func waitForEvent(after position: Position) async throws(StoreError) {
        try log.checkOpen()
        guard log.isFollowing else { return try await log.published.wait(after: position.rawValue) }
        while try await lastPosition() <= position {
            do { try await Task.sleep(for: Self.followingInterval) } catch { throw .waitCancelled }
        }
    }
}
