// Backing a store up, open or not.

public import Recall
internal import RecallThreads

extension Log {
    /// Copies a store into another directory while it may be written to, by this process or another. Where the directory holds
    /// an earlier backup of the store, only segments that are new, have grown or were rewritten are copied.
    ///
    /// A backup is a store itself, with the same id, segments and header, and every call that reads a store reads it; open it with
    /// `LogAccess.readOnly`, since no later backup goes into one that was appended to. It holds what readers could see when
    /// the call began. Indexes and snapshots are not copied: they are made again. Every frame's checksum is
    /// checked as it is copied, and damage ends the backup.
    ///
    /// On return all of it is durable. At each moment before, and where the call fails or the process is ended, the directory holds
    /// at least what it held: repeat the call to go on. While a writer has the store, copying leaves the disk to it for most of
    /// the time.
    ///
    /// Blocks the calling thread for as long as copying takes.
    /// - Parameters:
    ///   - path: the store's directory.
    ///   - destination: a directory that is missing, empty, or an earlier backup; its parent must exist.
    ///   - progress: is called for each mebibyte and each segment, on the calling thread.
    /// - Throws: `damaged` with the place, where stored bytes are not what was written: verify the store, and salvage it; `unavailable`
    ///   where the destination holds another store, or events that this one does not, and nothing was changed;
    ///   `locked` where something else writes to it; `notFound`, or what the system refused.
    public static func backup(
        at path: String, to destination: String, progress: (@Sendable (CopyProgress) -> Void)? = nil
    ) throws(StoreError) -> BackupResult {
        try backup(at: path, on: POSIXDisk(), to: destination, progress: progress)
    }

    /// Backs up a store on any disk to any other.
    /// - Parameter destinationDisk: nil for the one of the store.
    package static func backup(
        at path: String, on disk: any Disk, to destination: String, on destinationDisk: (any Disk)? = nil,
        progress: (@Sendable (CopyProgress) -> Void)? = nil
    ) throws(StoreError) -> BackupResult {
        let source = try CopySource.look(at: path, disk: disk)
        try source.makeDurable()
        return try run(
            source, to: destination, on: destinationDisk, disk, isStopped: { false }, progress: progress)
    }

    /// Copies this log into another directory, as `backup(at:to:progress:)` does, while the caller's task is suspended and appends
    /// go on. What readers can see when the call begins is in the backup, and durable in this log before.
    /// - Parameters:
    ///   - destination: a directory that is missing, empty, or an earlier backup; its parent must exist.
    ///   - progress: is called for each mebibyte and each segment, on a thread of the backup's own.
    /// - Throws: as `backup(at:to:progress:)` does; `cancelled` soon after the task is cancelled, which leaves what was
    ///   copied; `closed`; `latched`.
    public func backup(
        to destination: String, progress: (@Sendable (CopyProgress) -> Void)? = nil
    ) async throws(StoreError) -> BackupResult {
        // One of its own: a backup takes long, and those of the log are for readers.
        let pool = try BlockingPool(threadCount: 1)
        let isStopped = StopFlag()
        let result = await withTaskCancellationHandler {
            do throws(StoreError) {
                let result = try await pool.run { [self] () throws(StoreError) in
                    try backup(to: destination, isStopped: { isStopped.isSet }, progress: progress)
                }
                return Result<BackupResult, StoreError>.success(result)
            } catch {
                return .failure(error)
            }
        } onCancel: {
            isStopped.set()
        }
        return try result.get()
    }

    /// Copies this log like `backup(to:progress:)`, on the calling thread, which waits for as long as copying takes.
    /// - Parameters:
    ///   - destination: a directory that is missing, empty, or an earlier backup; its parent must exist.
    ///   - progress: is called for each mebibyte and each segment, on the calling thread.
    /// - Throws: as `backup(to:progress:)` does.
    public func backupBlocking(
        to destination: String, progress: (@Sendable (CopyProgress) -> Void)? = nil
    ) throws(StoreError) -> BackupResult {
        try backup(to: destination, isStopped: { false }, progress: progress)
    }

    package func backup(
        to destination: String, on destinationDisk: (any Disk)? = nil,
        isStopped: @escaping @Sendable () -> Bool, progress: (@Sendable (CopyProgress) -> Void)?
    ) throws(StoreError) -> BackupResult {
        let position = try visiblePosition()
        let source = try CopySource(
            DirectoryLayout(path: path, disk: layout.disk, isReadOnly: true), header,
            lock: StoreLockView(layout), limitPosition: position)
        if try !makeDurable(through: position) { try source.makeDurable() }
        return try Self.run(
            source, to: destination, on: destinationDisk, disk, isStopped: isStopped,
            progress: progress)
    }

    private static func run(
        _ source: CopySource, to destination: String, on destinationDisk: (any Disk)?, _ disk: any Disk,
        isStopped: @escaping @Sendable () -> Bool, progress: (@Sendable (CopyProgress) -> Void)?
    ) throws(StoreError) -> BackupResult {
        let target = try BackupDestination(
            at: destination, disk: destinationDisk ?? disk, of: source, isSameDisk: destinationDisk == nil)
        return try BackupJob(
            source: source, destination: target,
            work: CopyWork(isWritten: { source.isWritten }, isStopped: isStopped, progress: progress)
        ).run()
    }
}
