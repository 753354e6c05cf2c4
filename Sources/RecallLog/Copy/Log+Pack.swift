// From a directory to a single file and back: a store copied into the other layout, with nothing in it that is not needed.

public import Recall

extension Log {
    /// Makes a single-file store of a store, to keep or to send: with the same id and every commit, and without the room that
    /// segments keep for what is appended. The store may be in use.
    ///
    /// As a restore, it checks each frame as it is copied, and verifies all before the file is a store; on return it is
    /// durable. Where it fails or is interrupted, the file is no store, and packing again begins anew. Indexes and snapshots
    /// are not copied: they are made again.
    ///
    /// Blocks the calling thread for as long as copying and verifying take.
    /// - Parameters:
    ///   - path: the store, in either layout, which is only read.
    ///   - file: the new file, whose name ends in `.recall`.
    ///   - progress: is called for each mebibyte and each segment, on the calling thread.
    /// - Throws: `invalidArgument` for another name; `unavailable` where there is something at the path already, and nothing was
    ///   changed; `damaged` with the place; `locked`, `notFound`, or what the system refused.
    public static func pack(
        _ path: String, into file: String, progress: (@Sendable (CopyProgress) -> Void)? = nil
    ) throws(StoreError) -> RestoreResult {
        try pack(path, on: POSIXDisk(), into: file, progress: progress)
    }

    /// Packs on any disk.
    package static func pack(
        _ path: String, on disk: any Disk, into file: String,
        progress: (@Sendable (CopyProgress) -> Void)? = nil
    ) throws(StoreError) -> RestoreResult {
        guard StoreDisk.isFileName(file) else {
            throw StoreError(
                .invalidArgument,
                "\(file) does not end in \(SingleFileDisk.suffix), as the name of a single-file store does: choose another name."
            )
        }
        return try copy(from: path, on: disk, to: file, task: "pack", isCompact: true, progress: progress)
    }

    /// Makes a directory of a single-file store, the way back from `pack(_:into:progress:)`, with the same care and the same
    /// events.
    ///
    /// Blocks the calling thread for as long as copying and verifying take.
    /// - Parameters:
    ///   - file: the single-file store, which is only read.
    ///   - path: the new store's directory, which is missing or empty.
    ///   - progress: is called for each mebibyte and each segment, on the calling thread.
    /// - Throws: as `pack(_:into:progress:)` does.
    public static func unpack(
        _ file: String, into path: String, progress: (@Sendable (CopyProgress) -> Void)? = nil
    ) throws(StoreError) -> RestoreResult {
        try unpack(file, on: POSIXDisk(), into: path, progress: progress)
    }

    /// Unpacks on any disk.
    package static func unpack(
        _ file: String, on disk: any Disk, into path: String,
        progress: (@Sendable (CopyProgress) -> Void)? = nil
    ) throws(StoreError) -> RestoreResult {
        guard !StoreDisk.isFileName(path) else {
            throw StoreError(
                .invalidArgument,
                "\(path) ends in \(SingleFileDisk.suffix), as the name of a single-file store does: choose another name for a directory."
            )
        }
        return try copy(from: file, on: disk, to: path, task: "unpack", progress: progress)
    }
}
