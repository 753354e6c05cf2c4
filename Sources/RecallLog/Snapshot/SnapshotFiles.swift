// The snapshots of a store in append-only files, and the index of the newest of each aggregate. A cache:
// what is damaged, torn or of another store is passed over, and then events are replayed. What comes back
// is what was saved, byte for byte, or nothing.
//
// A snapshot must never hold events that the log does not: after a crash other events would have their
// positions. So before one is written, the log is asked to make its events durable.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
package import Recall
internal import Synchronization

/// Snapshot files in a directory. Every call may block on the disk.
package final class SnapshotFiles: Sendable {
    /// Makes all events up to a position durable in the log, if they are not.
    package typealias MakeDurable = @Sendable (Position) throws(StoreError) -> Void

    private let state: Mutex<SnapshotFileSet>
    private let makeDurable: MakeDurable

    /// Touches no file: those that are there are read at the first use.
    /// - Parameters:
    ///   - directory: where the files lie; made when the first snapshot is saved.
    ///   - storeID: files that belong to another store are ignored.
    ///   - isReadOnly: whether another process may be writing; nothing is changed then.
    package init(
        disk: any Disk, directory: String, storeID: RawIdentifier, clock: WallClock = .system,
        isReadOnly: Bool = false, settings: SnapshotSettings = SnapshotSettings(),
        makeDurable: @escaping MakeDurable = { _ in }
    ) {
        state = Mutex(
            SnapshotFileSet(
                disk: disk, directory: directory, storeID: storeID, clock: clock, isReadOnly: isReadOnly,
                settings: settings))
        self.makeDurable = makeDurable
    }

    /// Keeps a snapshot, unless one of a higher position is kept. The snapshot may be lost in a crash.
    /// - Throws: `limitExceeded`, `readOnly`, `closed`, or what the disk or the log reported; the next
    ///   snapshot is then written to a new file.
    package func save(_ snapshot: Snapshot) throws(StoreError) {
        try SnapshotFiles.check(snapshot)
        let isNewest = try state.withLock { files throws(StoreError) in
            try files.checkWritable()
            return files.isNewest(snapshot)
        }
        guard isNewest else { return }
        try makeDurable(snapshot.position)
        try state.withLock { files throws(StoreError) in try files.save(snapshot) }
    }

    /// The newest snapshot of an aggregate; nil where there is none that can be read.
    /// - Throws: `closed`.
    package func latest(of aggregate: AggregateID) throws(StoreError) -> Snapshot? {
        try state.withLock { files throws(StoreError) in
            try files.checkOpen()
            return files.latest(of: aggregate)
        }
    }

    /// Forgets the snapshot of an aggregate. On return that is durable.
    /// - Throws: `readOnly`, `closed`, or what the disk reported; the snapshot may then come back.
    package func remove(_ aggregate: AggregateID) throws(StoreError) {
        try state.withLock { files throws(StoreError) in
            try files.checkWritable()
            try files.remove(aggregate)
        }
    }

    /// Writes all snapshots that count into a new file and deletes the others.
    /// - Throws: `readOnly`, `closed`, or what the disk reported; nothing is lost then.
    package func compact() throws(StoreError) {
        try state.withLock { files throws(StoreError) in
            try files.checkWritable()
            try files.compact()
        }
    }

    /// How many aggregates have a snapshot, and what the files hold in bytes.
    package func statistics() throws(StoreError) -> SnapshotStatistics {
        try state.withLock { files throws(StoreError) in
            try files.checkOpen()
            return files.statistics()
        }
    }

    /// Gives the open files back; every later call fails with `closed`.
    package func close() {
        state.withLock { $0.close() }
    }

    private static func check(_ snapshot: Snapshot) throws(StoreError) {
        guard snapshot.payload.count <= SnapshotFormat.payloadBytesMax else {
            throw StoreError(
                .limitExceeded,
                "The snapshot of aggregate \(snapshot.aggregateID) has \(snapshot.payload.count) bytes, and \(SnapshotFormat.payloadBytesMax) are allowed; it was not saved: keep less in the state, or take no snapshots of this type."
            )
        }
        let typeBytes = snapshot.aggregateType.rawValue.utf8.count
        guard typeBytes <= SnapshotFormat.aggregateTypeBytesMax else {
            throw StoreError(
                .limitExceeded,
                "The aggregate type of the snapshot of aggregate \(snapshot.aggregateID) has \(typeBytes) bytes, and \(SnapshotFormat.aggregateTypeBytesMax) are allowed; it was not saved: choose a shorter name."
            )
        }
    }
}

/// What snapshot files hold.
package struct SnapshotStatistics: Hashable, Sendable {
    /// How many aggregates have a snapshot.
    package var count: Int
    /// The bytes of the records that hold them.
    package var liveBytes: Int
    /// The bytes of all records, those that a compaction would leave out included.
    package var totalBytes: Int
}
