// A store that can be replaced by an empty one while a repository holds it.

import Recall
import Synchronization

final class SwitchingEventStore: EventStore {
    private let current = Mutex(MemoryEventStore())
    private var inner: MemoryEventStore { current.withLock { $0 } }

    func restart() { current.withLock { $0 = MemoryEventStore() } }

    func append(_ commit: Commit) async throws(StoreError) -> CommitReceipt { try await inner.append(commit) }
    func read(_ query: EventQuery) async throws(StoreError) -> EventPage { try await inner.read(query) }
    func status(of aggregate: AggregateID) async throws(StoreError) -> AggregateStatus? {
        try await inner.status(of: aggregate)
    }
    func lastPosition() async throws(StoreError) -> Position { try await inner.lastPosition() }
    func waitForEvent(after position: Position) async throws(StoreError) {
        try await inner.waitForEvent(after: position)
    }
}
