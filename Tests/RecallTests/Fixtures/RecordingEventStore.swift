// A store that remembers what it was asked.

import Recall
import Synchronization

/// A store in memory that records the queries that reach it.
final class RecordingEventStore: EventStore {
    private let inner: MemoryEventStore
    private let record = Mutex((queries: [EventQuery](), waitCount: 0))
    private let waiting: AsyncStream<Bool>.Continuation
    /// Gives an element each time when somebody begins to wait for an event.
    let waits: AsyncStream<Bool>

    init(_ inner: MemoryEventStore = MemoryEventStore()) {
        self.inner = inner
        (waits, waiting) = AsyncStream.makeStream()
    }

    var queries: [EventQuery] { record.withLock { $0.queries } }
    var waitCount: Int { record.withLock { $0.waitCount } }

    func append(_ commit: Commit) async throws(StoreError) -> CommitReceipt { try await inner.append(commit) }

    func read(_ query: EventQuery) async throws(StoreError) -> EventPage {
        record.withLock { $0.queries.append(query) }
        return try await inner.read(query)
    }

    func status(of aggregate: AggregateID) async throws(StoreError) -> AggregateStatus? {
        try await inner.status(of: aggregate)
    }

    func lastPosition() async throws(StoreError) -> Position { try await inner.lastPosition() }

    func waitForEvent(after position: Position) async throws(StoreError) {
        record.withLock { $0.waitCount += 1 }
        waiting.yield(true)
        try await inner.waitForEvent(after: position)
    }
}
