// The snapshot store that an application gets from an opened log: snapshot files behind an asynchronous
// face, so that no thread of Swift's pool waits for the disk.

public import Recall
package import RecallThreads

/// Keeps snapshots in files beside the log.
///
/// A cache: a snapshot may be lost in a crash, and one that is damaged is ignored; the events are then
/// replayed. Before a snapshot is written, the events it holds are made durable in the log.
public struct LogSnapshotStore: SnapshotStore {
    private let files: SnapshotFiles
    private let pool: BlockingPool

    package init(files: SnapshotFiles, pool: BlockingPool) {
        self.files = files
        self.pool = pool
    }

    /// Keeps a snapshot in place of an older one of the same aggregate. On return the events it holds are
    /// durable; the snapshot itself may be lost in a crash.
    /// - Throws: `limitExceeded` for a payload of more than 64 MiB or a type of more than 255 bytes;
    ///   `readOnly`, `closed`, `latched`, or what the disk reported. Nothing else is affected by a
    ///   failure, and the next snapshot is tried anew.
    public func save(_ snapshot: Snapshot) async throws(StoreError) {
        let files = files
        try await pool.run { () throws(StoreError) in try files.save(snapshot) }
    }

    /// The newest snapshot of an aggregate; nil where there is none, or it cannot be read.
    /// - Throws: `closed`.
    public func latest(of aggregate: AggregateID) async throws(StoreError) -> Snapshot? {
        let files = files
        return try await pool.run { () throws(StoreError) in try files.latest(of: aggregate) }
    }

    /// Forgets the snapshot of an aggregate. On return that is durable.
    /// - Throws: `readOnly`, `closed`, or what the disk reported; the snapshot may then come back.
    public func remove(_ aggregate: AggregateID) async throws(StoreError) {
        let files = files
        try await pool.run { () throws(StoreError) in try files.remove(aggregate) }
    }
}
