// Snapshots in memory, bounded by count: a cache may forget, so the oldest goes when it is full.

internal import Synchronization

/// Keeps the newest snapshot of each aggregate in memory, for a bounded number of aggregates.
public final class MemorySnapshotStore: SnapshotStore {
    private let snapshots: Mutex<LeastRecentlyUsed<Snapshot>>

    /// - Parameter countMax: how many aggregates' snapshots are kept; when one more comes, the one
    ///   that was saved first goes.
    public init(countMax: Int = 10_000) {
        snapshots = Mutex(LeastRecentlyUsed(countMax: countMax))
    }

    /// Keeps a snapshot in place of one of the same or a lower position. Nothing is durable on return, and
    /// the snapshot of another aggregate may be forgotten to make room. Never throws.
    public func save(_ snapshot: Snapshot) async throws(StoreError) {
        snapshots.withLock { kept in
            kept.insert(snapshot, for: snapshot.aggregateID) { $0.position > snapshot.position }
        }
    }

    /// The newest snapshot of an aggregate; nil where there is none, or it had to make room. Never throws.
    public func latest(of aggregate: AggregateID) async throws(StoreError) -> Snapshot? {
        snapshots.withLock { $0.peek(aggregate) }
    }

    /// Forgets the snapshot of an aggregate; nothing happens where there is none. Never throws.
    public func remove(_ aggregate: AggregateID) async throws(StoreError) {
        snapshots.withLock { $0.remove(aggregate) }
    }

    /// How many snapshots are kept.
    public var count: Int { snapshots.withLock { $0.count } }
}
