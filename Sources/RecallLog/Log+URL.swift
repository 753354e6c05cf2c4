// The calls that take a path, for callers that have a URL, as most that ask the system for a directory do. Each says only where; what is done
// and promised stands at the call with the path.

public import Recall

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension Log {
    /// Opens a log as `open(at:access:configuration:)` with a path does.
    /// - Parameter url: the store's directory, or its one file, as a `file:` URL.
    /// - Throws: `invalidArgument` for a URL of another scheme; what the call with a path throws.
    public static func open(
        at url: URL, access: LogAccess = .createOrOpen, configuration: LogConfiguration = LogConfiguration()
    ) async throws(StoreError) -> Log {
        try await open(at: url.filePath(), access: access, configuration: configuration)
    }

    /// Opens a log as `openBlocking(at:access:configuration:)` with a path does, on the calling thread.
    /// - Parameter url: the store's directory, or its one file, as a `file:` URL.
    /// - Throws: `invalidArgument` for a URL of another scheme; what the call with a path throws.
    public static func openBlocking(
        at url: URL, access: LogAccess = .createOrOpen, configuration: LogConfiguration = LogConfiguration()
    ) throws(StoreError) -> Log {
        try openBlocking(at: url.filePath(), access: access, configuration: configuration)
    }

    /// Reads and checks a store as `verify(at:progress:)` with a path does, on the calling thread.
    /// - Parameter url: the store, as a `file:` URL.
    /// - Throws: `invalidArgument` for a URL of another scheme; what the call with a path throws.
    public static func verify(
        at url: URL, progress: (@Sendable (VerificationProgress) -> Void)? = nil
    ) throws(StoreError) -> VerificationReport {
        try verify(at: url.filePath(), progress: progress)
    }

    /// Copies what is whole of a damaged store as `salvage(from:to:progress:)` with paths does, on the calling thread.
    /// - Parameters:
    ///   - url: the damaged store, as a `file:` URL.
    ///   - destination: the new store, as a `file:` URL.
    /// - Throws: `invalidArgument` for a URL of another scheme; what the call with paths throws.
    public static func salvage(
        from url: URL, to destination: URL, progress: (@Sendable (VerificationProgress) -> Void)? = nil
    ) throws(StoreError) -> SalvageReport {
        try salvage(from: url.filePath(), to: destination.filePath(), progress: progress)
    }

    /// Copies a store as `backup(at:to:progress:)` with paths does, on the calling thread.
    /// - Parameters:
    ///   - url: the store, as a `file:` URL.
    ///   - destination: the backup's directory, as a `file:` URL.
    /// - Throws: `invalidArgument` for a URL of another scheme; what the call with paths throws.
    public static func backup(
        at url: URL, to destination: URL, progress: (@Sendable (CopyProgress) -> Void)? = nil
    ) throws(StoreError) -> BackupResult {
        try backup(at: url.filePath(), to: destination.filePath(), progress: progress)
    }

    /// Copies this log as `backup(to:progress:)` with a path does.
    /// - Parameter destination: the backup's directory, as a `file:` URL.
    /// - Throws: `invalidArgument` for a URL of another scheme; what the call with a path throws.
    public func backup(
        to destination: URL, progress: (@Sendable (CopyProgress) -> Void)? = nil
    ) async throws(StoreError) -> BackupResult {
        try await backup(to: destination.filePath(), progress: progress)
    }

    /// Makes a store of a backup as `restore(from:to:upTo:progress:)` with paths does, on the calling thread.
    /// - Parameters:
    ///   - url: the backup, as a `file:` URL.
    ///   - destination: the new store, as a `file:` URL.
    ///   - point: up to where.
    /// - Throws: `invalidArgument` for a URL of another scheme; what the call with paths throws.
    public static func restore(
        from url: URL, to destination: URL, upTo point: RestorePoint = .end,
        progress: (@Sendable (CopyProgress) -> Void)? = nil
    ) throws(StoreError) -> RestoreResult {
        try restore(from: url.filePath(), to: destination.filePath(), upTo: point, progress: progress)
    }

    /// Makes a single-file store of a store as `pack(_:into:progress:)` with paths does, on the calling thread.
    /// - Parameters:
    ///   - url: the store, as a `file:` URL.
    ///   - file: the new file, as a `file:` URL.
    /// - Throws: `invalidArgument` for a URL of another scheme; what the call with paths throws.
    public static func pack(
        _ url: URL, into file: URL, progress: (@Sendable (CopyProgress) -> Void)? = nil
    ) throws(StoreError) -> RestoreResult {
        try pack(url.filePath(), into: file.filePath(), progress: progress)
    }

    /// Makes a directory of a single-file store as `unpack(_:into:progress:)` with paths does, on the calling thread.
    /// - Parameters:
    ///   - file: the single-file store, as a `file:` URL.
    ///   - url: the new store's directory, as a `file:` URL.
    /// - Throws: `invalidArgument` for a URL of another scheme; what the call with paths throws.
    public static func unpack(
        _ file: URL, into url: URL, progress: (@Sendable (CopyProgress) -> Void)? = nil
    ) throws(StoreError) -> RestoreResult {
        try unpack(file.filePath(), into: url.filePath(), progress: progress)
    }
}

extension FileRelayStateStore {
    /// Opens a relay's state as `open(at:startingAt:)` with a path does.
    /// - Parameters:
    ///   - url: the file, as a `file:` URL.
    ///   - initial: where a relay with a new file begins.
    /// - Throws: `invalidArgument` for a URL of another scheme; what the call with a path throws.
    public static func open(
        at url: URL, startingAt initial: RelayState = RelayState()
    ) async throws(StoreError) -> FileRelayStateStore {
        try await open(at: url.filePath(), startingAt: initial)
    }
}

extension URL {
    /// The path of a file, with its characters as they are on the disk.
    fileprivate func filePath() throws(StoreError) -> String {
        guard isFileURL else {
            throw StoreError(
                .invalidArgument,
                "\(absoluteString) names no file; nothing was opened: give a URL that begins with file:, such as URL(filePath: \"bank\")."
            )
        }
        return path(percentEncoded: false)
    }
}
