// A relay's state in a file, behind an asynchronous face: no thread of Swift's pool waits for the disk.

public import Recall
internal import RecallThreads

/// Keeps a relay's state in a file of its own, of 1 MiB, which never grows.
///
/// A saved state is durable when `save` returns. A crash at any moment leaves the newest state or the one before, from which
/// events come again and none is lost. One store at a time has the file open, in all processes. It has room for 256 parked
/// events.
public final class FileRelayStateStore: RelayStateStore {
    private let file: RelayStateFile
    private let pool: BlockingPool

    private init(_ file: RelayStateFile, _ pool: BlockingPool) {
        self.file = file
        self.pool = pool
    }

    deinit { pool.stop() }

    /// Opens a relay's state, and makes it where there is none. A new one is durable on return.
    /// - Parameters:
    ///   - path: the file; its directory must exist. Not inside a log's directory.
    ///   - initial: where a relay with a new file begins; before the first event unless said otherwise. Not looked at where there is
    ///     a file.
    /// - Throws: `locked` where another relay has it; `damaged` where neither of its two copies holds: a relay never begins anew
    ///   by itself; `unsupported` for a file of a newer program; or what the system refused.
    public static func open(
        at path: String, startingAt initial: RelayState = RelayState()
    ) async throws(StoreError) -> FileRelayStateStore {
        try await open(at: path, startingAt: initial, on: POSIXDisk())
    }

    /// Opens a relay's state on any disk.
    package static func open(
        at path: String, startingAt initial: RelayState = RelayState(), on disk: any Disk
    ) async throws(StoreError) -> FileRelayStateStore {
        let pool = try BlockingPool(threadCount: 1)
        let file = try await pool.run { () throws(StoreError) in
            try RelayStateFile(at: path, startingAt: initial, on: disk)
        }
        return FileRelayStateStore(file, pool)
    }

    /// The state that was saved last.
    /// - Throws: `closed`; `latched` after a save that failed.
    public func load() async throws(StoreError) -> RelayState {
        let file = file
        return try await pool.run { () throws(StoreError) in try file.load() }
    }

    /// Keeps a state in place of the one before; it is durable on return.
    /// - Throws: `limitExceeded` for one that does not fit, with nothing written; `closed`; or what the disk reported, after which
    ///   the store is `latched` until it is opened again: what a failed sync left, nobody knows.
    public func save(_ state: RelayState) async throws(StoreError) {
        let file = file
        try await pool.run { () throws(StoreError) in try file.save(state) }
    }

    /// Lets go of the file, so that another relay can have it. Closing twice does nothing.
    public func close() async {
        let file = file
        await pool.run { file.close() }
    }
}
