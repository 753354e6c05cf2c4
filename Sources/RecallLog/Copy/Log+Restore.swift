// Making a store of a backup.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
public import Recall

extension Log {
    /// Makes a new store of a backup, or of any store, as it was at a moment: with the same id, and every commit up to there,
    /// whole or not at all. It is another history from then on, with an incarnation of its own: whoever kept a position of the store is told so. It can be opened and appended to. Indexes and snapshots are not copied: they are made again.
    ///
    /// Every frame's checksum is checked as it is copied, and the whole store is verified before it is called one. On return it is
    /// durable. A restore that fails or is interrupted leaves a directory that is no store, and the next one begins it again.
    ///
    /// Blocks the calling thread for as long as copying and verifying take.
    /// - Parameters:
    ///   - path: the backup's directory, which is only read.
    ///   - destination: a directory that is missing or empty; its parent must exist.
    ///   - point: up to where.
    ///   - progress: is called for each mebibyte and each segment, on the calling thread.
    /// - Throws: `unavailable` where the destination holds anything, and nothing was changed; `invalidArgument` for a position that the
    ///   backup does not hold; `damaged` with the place, where the backup's bytes are not what was written; `locked`,
    ///   `notFound`, or what the system refused.
    public static func restore(
        from path: String, to destination: String, upTo point: RestorePoint = .end,
        progress: (@Sendable (CopyProgress) -> Void)? = nil
    ) throws(StoreError) -> RestoreResult {
        try restore(from: path, on: POSIXDisk(), to: destination, upTo: point, progress: progress)
    }

    /// Restores from any disk to any other.
    /// - Parameter destinationDisk: nil for the one of the backup.
    package static func restore(
        from path: String, on disk: any Disk, to destination: String, on destinationDisk: (any Disk)? = nil,
        upTo point: RestorePoint = .end, progress: (@Sendable (CopyProgress) -> Void)? = nil
    ) throws(StoreError) -> RestoreResult {
        try copy(
            from: path, on: disk, to: destination, on: destinationDisk, upTo: point, task: "restore",
            isNewHistory: true, progress: progress)
    }

    /// Makes a store of another, for a restore and for what changes the layout.
    /// - Parameters:
    ///   - task: what it is called in messages, as a verb.
    ///   - isNewHistory: whether the store goes on from a moment that the other may have gone beyond.
    ///   - isCompact: whether segments get no more room than they need.
    package static func copy(
        from path: String, on disk: any Disk, to destination: String, on destinationDisk: (any Disk)? = nil,
        upTo point: RestorePoint = .end, task: String, isNewHistory: Bool = false, isCompact: Bool = false,
        progress: (@Sendable (CopyProgress) -> Void)? = nil
    ) throws(StoreError) -> RestoreResult {
        let source = try CopySource.look(at: path, disk: disk)
        let cut = try RestoreCut(source, point)
        let target = try UnfinishedStore(
            at: destination, disk: destinationDisk ?? disk,
            headerName: DirectoryLayout.unfinishedRestoreName, task: task, refusal: .unavailable)
        if destinationDisk == nil, StoreExtent(of: source.layout).contains(destination, on: disk) {
            throw StoreError(
                .unavailable,
                "\(destination) is what is read, or inside of it: \(task) into another place.")
        }
        try target.makeEmpty()
        try target.makeDirectory()
        let lock = try StoreLock(
            target.layout, processID: UInt64(getpid()))
        defer { lock.release() }
        return try RestoreJob(
            source: source, cut: cut, target: target,
            work: CopyWork(isWritten: { source.isWritten }, isStopped: { false }, progress: progress),
            incarnation: isNewHistory
                ? RawIdentifier(high: .random(in: .min ... .max), low: .random(in: .min ... .max))
                : source.header.incarnation,
            isCompact: isCompact
        ).run()
    }
}
