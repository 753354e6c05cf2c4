// Copying all that is whole of a damaged store into a new one.

public import Recall

extension Log {
    /// Copies everything that is whole into a new store, and lists exactly what is lost. The old store is not changed, not
    /// even its lock, and nothing that is derived (indexes, snapshots) is read from it or copied.
    ///
    /// In a single-file store of which nothing is left that leads to the files (both superblocks, or both copies of the table of
    /// contents), segments are looked for by their headers.
    ///
    /// Nothing of the old store is mapped: it is read by calls, around what the medium does not give back, of which the report has a
    /// note for each place. One segment at a time is in memory, 1 GiB at most.
    ///
    /// Commits are copied whole or not at all, in their order, with their ids, bodies and times. Positions and versions have
    /// no gaps in the new store, so those behind a loss are lower than they were; the report says which became which. The new store is
    /// durable on return, and it is no store before: one that was interrupted is begun again by the next call.
    ///
    /// Blocks the calling thread for as long as copying takes.
    /// - Parameters:
    ///   - path: the directory of the damaged store, or its one file, which nobody may have open for appending.
    ///   - destination: a directory that is missing or empty; its parent must exist.
    ///   - progress: is called about once for each mebibyte, on the calling thread.
    /// - Throws: `invalidArgument` where the destination holds anything; `locked` where a writer has either;
    ///   `notFound` where there is no store; `unsupported` where a newer program made it; or what the system refused.
    ///   Damage is not thrown but reported.
    public static func salvage(
        from path: String, to destination: String,
        progress: (@Sendable (VerificationProgress) -> Void)? = nil
    ) throws(StoreError) -> SalvageReport {
        try salvage(from: path, to: destination, disk: POSIXDisk(), progress: progress)
    }

    package static func salvage(
        from path: String, to destination: String, disk: any Disk,
        configuration: LogConfiguration = LogConfiguration(),
        progress: (@Sendable (VerificationProgress) -> Void)? = nil
    ) throws(StoreError) -> SalvageReport {
        let source = try SalvageSource.find(at: path, disk: disk)
        let target = try SalvageDestination(
            at: destination, beside: source, disk: disk, configuration: configuration)
        return try LogSalvager(source, target, progress: progress).run()
    }
}
