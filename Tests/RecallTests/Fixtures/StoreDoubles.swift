// Stores that fail or count, around a real one.

import Recall
import Synchronization

/// A store whose calls are counted and can be made to fail.
final class FaultyEventStore: EventStore {
    let inner: MemoryEventStore
    private let state = Mutex(State())

    struct State {
        var readEventCount = 0
        var appendCount = 0
        /// The next append is stored, and then reported as failed.
        var losesNextAnswer = false
        /// Runs once, before the next append.
        var beforeNextAppend: (@Sendable () async throws -> Void)?
        /// Runs before each append.
        var beforeEachAppend: (@Sendable () async throws -> Void)?
        /// What the next reads throw.
        var readErrors: [StoreError] = []
    }

    init(_ inner: MemoryEventStore = MemoryEventStore()) { self.inner = inner }

    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }
    var readEventCount: Int { state.withLock { $0.readEventCount } }
    var appendCount: Int { state.withLock { $0.appendCount } }

    func append(_ commit: Commit) async throws(StoreError) -> CommitReceipt {
        let (before, losesAnswer) = state.withLock { state in
            state.appendCount += 1
            defer {
                state.beforeNextAppend = nil
                state.losesNextAnswer = false
            }
            return (state.beforeNextAppend ?? state.beforeEachAppend, state.losesNextAnswer)
        }
        do { try await before?() } catch { throw StoreError(.unavailable, "\(error)", cause: error) }
        let receipt = try await inner.append(commit)
        if losesAnswer { throw StoreError(.unavailable, "The answer was lost.") }
        return receipt
    }

    func read(_ query: EventQuery) async throws(StoreError) -> EventPage {
        let failure = state.withLock { $0.readErrors.isEmpty ? nil : $0.readErrors.removeFirst() }
        if let failure { throw failure }
        let page = try await inner.read(query)
        change { $0.readEventCount += page.events.count }
        return page
    }

    func status(of aggregate: AggregateID) async throws(StoreError) -> AggregateStatus? {
        try await inner.status(of: aggregate)
    }

    func lastPosition() async throws(StoreError) -> Position { try await inner.lastPosition() }

    func waitForEvent(after position: Position) async throws(StoreError) {
        try await inner.waitForEvent(after: position)
    }
}

/// A snapshot store that always fails.
struct BrokenSnapshotStore: SnapshotStore {
    private var error: StoreError { StoreError(.damaged, "The snapshots are damaged.") }
    func save(_ snapshot: Snapshot) async throws(StoreError) { throw error }
    func latest(of aggregate: AggregateID) async throws(StoreError) -> Snapshot? { throw error }
    func remove(_ aggregate: AggregateID) async throws(StoreError) { throw error }
}

/// Gathers values from concurrent code.
final class Gathered<Value: Sendable>: Sendable {
    private let storage = Mutex<[Value]>([])
    func add(_ value: Value) { storage.withLock { $0.append(value) } }
    var values: [Value] { storage.withLock { $0 } }
}
