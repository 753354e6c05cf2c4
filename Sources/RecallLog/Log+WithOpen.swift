// A log for the time of one piece of work, which is closed whatever becomes of it: a program that forgets to close finds its end again
// at the next opening, and that takes longer.
//
// Invariant: when the call ends, with a result or an error or in a cancelled task, the log is closed and its lock is free.

internal import Logging
internal import Recall

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension Log {
    /// Opens a log, works with it, and closes it in any case.
    /// - Parameters:
    ///   - path: the store's directory, or its one file; its parent must exist.
    ///   - access: whether to append, and whether a missing store is made.
    ///   - configuration: durability and sizes.
    ///   - body: the work. The log is closed when it has returned, so what still uses it then is told `closed`.
    /// - Returns: what `body` returns, when everything that was appended is synced.
    /// - Throws: what `open(at:access:configuration:)` throws, and then `body` is not called; what `body` throws, unchanged, also where closing
    ///   failed as well, which is logged then; else what `close()` throws. A cancelled task closes the log like any other.
    public nonisolated(nonsending) static func withOpen<Result>(
        at path: String, access: LogAccess = .createOrOpen,
        configuration: LogConfiguration = LogConfiguration(),
        _ body: nonisolated(nonsending) (Log) async throws -> Result
    ) async throws -> Result {
        try await open(at: path, access: access, configuration: configuration).closed(after: body)
    }

    /// Opens a log, works with it, and closes it in any case, as `withOpen(at:access:configuration:_:)` with a path does.
    /// - Parameter url: the store's directory, or its one file, as a `file:` URL.
    /// - Throws: `invalidArgument` for a URL of another scheme; what the call with a path throws.
    public nonisolated(nonsending) static func withOpen<Result>(
        at url: URL, access: LogAccess = .createOrOpen, configuration: LogConfiguration = LogConfiguration(),
        _ body: nonisolated(nonsending) (Log) async throws -> Result
    ) async throws -> Result {
        try await open(at: url, access: access, configuration: configuration).closed(after: body)
    }

    /// Works with a log, and closes it in any case.
    package nonisolated(nonsending) func closed<Result>(
        after body: nonisolated(nonsending) (Log) async throws -> Result
    ) async throws -> Result {
        let result: Result
        do {
            result = try await body(self)
        } catch {
            do throws(StoreError) {
                try await close()
            } catch let closing {
                // Why the work failed says more to the caller than why closing did.
                configuration.logger.error(
                    "\(path): the log could not be closed after work on it had failed: \(closing.message)",
                    metadata: ["work": "\(error)"])
            }
            throw error
        }
        try await close()
        return result
    }
}
