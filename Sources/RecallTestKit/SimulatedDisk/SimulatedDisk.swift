// A disk in memory that keeps exactly what the `Disk` protocol promises and no more, so that code which
// relies on anything else is found out.

package import RecallLog
internal import Synchronization

/// A disk in memory that crashes, forgets and fails as it is told, the same way for the same seed.
///
/// # The fault model
///
/// **What is durable.** A file's bytes and its size when its `sync` returns. A name (made, renamed or
/// deleted) when `syncDirectory` of its directory returns. Syncing a file does not make its name durable,
/// and syncing a directory makes nothing in its files durable.
///
/// **A crash** (`crash(_:)`, `crash(seed:)`) gives a new disk with what a restart would find, and leaves this one as
/// it is, so that many crashes can be tried from one point. The new disk holds all that is durable and
/// - of each file, any subset of the sectors (512 bytes) that were changed since its last sync, in any
///   order; a sector that was changed several times may hold an earlier of its contents. A sector is
///   never torn itself;
/// - any of the sizes that the file had since then;
/// - any subset of the unsynced changes to names, or any number of them from the front. A rename is one
///   change: both its names or neither.
///
/// Locks, open files and maps do not survive. Everything found after a crash is durable.
///
/// **A killed process** (`kill()`) loses nothing, but leaves everything as durable as it was: the next process finds bytes
/// and names in the cache that a later loss of power still takes. A restart alone never makes anything durable.
///
/// **Failures.** `plan(_:)` makes the n-th call of a kind fail once, with or without an effect on the
/// dirty data (`SimulatedFault.Effect`), or makes a sync lie, or a transfer short. Every call can fail, `unlock` excepted.
/// `Options.capacityBytes` bounds the sum of all sizes: a write takes what fits, and the next one fails with `ENOSPC`;
/// preallocation fails whole. `Options.transferSeed` makes reads and writes short at random; each part is a call of its
/// own, so a crash or a failure strikes between two parts of one write as well. `stop(afterMutation:)` makes every call
/// after the n-th mutation fail, to crash at every one; `startRecording()` keeps what a crash there would find instead.
///
/// **Rot.** `corrupt(_:at:bit:)` flips a bit at rest. `Options.staleBytes` fills preallocated space, which a good
/// disk gives back as zeros.
///
/// **Media errors.** `loseForGood(_:of:)` lets every read fail for good that touches a range of a file.
///
/// **Names.** A directory that is held open, a file and a map of it stay what they are, whatever is renamed or deleted meanwhile.
/// `move(_:to:)`, `remove(_:)` and `cut(_:to:)` do to a running store what users, scripts and sync programs do: rename a
/// file or directory over another one or away, delete it with all that is in it, and cut a file short under its maps.
///
/// **Maps** are live views of one memory per file; stores through a writable map count as unsynced
/// changes from the next write, sync or crash on.
///
/// **What is not simulated, and why.**
/// - A sector that is torn itself, and neighbours that a write damages: docs/format.md assumes (2) that a sector is its
///   old or its new content. Disks of today protect a sector by a checksum of their own, so that a torn one cannot be
///   read; that and a damaged neighbour are rot, of one sector or of several, and are tested as rot.
/// - Misdirected and lost writes, reads that give another sector: a disk that reports success and does something else.
///   The `lie` of a sync is the one of them that can be planned. What is misplaced is found, since frames state their place.
/// - An error while mapped memory is read: that is a signal, which ends the process. Mapping itself can fail, and what was lost
///   for good cannot be mapped.
/// - A directory's sync that failed forgets nothing: a file system whose journal fails takes no more changes, so a later
///   sync of a directory that succeeds has made durable what is seen in it.
/// - Access rights, which the real disk's tests cover.
///
/// **Deterministic.** The same calls on a disk of the same options give the same results and the same bytes; a crash
/// depends on its seed and the state alone.
package final class SimulatedDisk: Disk {
    /// What a simulated disk is like.
    package struct Options: Hashable, Sendable {
        /// How large one file can become, in bytes; larger ones fail with `EFBIG`. A multiple of the page.
        package var fileSizeMax = 1 << 30
        /// How many bytes all files together can hold; nil for no limit.
        package var capacityBytes: Int?
        /// What preallocated space holds, again and again; empty for zeros.
        package var staleBytes: [UInt8] = []
        /// Where reads and writes are short from: the same seed, the same parts. Nil for whole transfers.
        package var transferSeed: UInt64?

        package init() {}
    }

    let state: Mutex<SimulatedDiskState>

    package init(options: Options = Options()) {
        state = Mutex(SimulatedDiskState(options: options))
    }

    init(_ found: SimulatedDiskState) { state = Mutex(found) }

    /// The directory that all others are in.
    private var root: SimulatedDirectory {
        SimulatedDirectory(id: SimulatedDirectoryModel.root, path: "", of: self)
    }

    package func openDirectory(_ path: String, isFollowingLinks: Bool) throws(DiskError) -> any Disk {
        try root.openDirectory(path, isFollowingLinks: isFollowingLinks)
    }

    package func status(of path: String, isFollowingLinks: Bool) throws(DiskError) -> DiskStatus? {
        try root.status(of: path, isFollowingLinks: isFollowingLinks)
    }

    package func open(_ path: String, _ mode: DiskOpenMode) throws(DiskError) -> any DiskFile {
        try root.open(path, mode)
    }

    package func createDirectory(_ path: String) throws(DiskError) { try root.createDirectory(path) }
    package func list(_ directory: String) throws(DiskError) -> [String] { try root.list(directory) }
    package func kind(of path: String) throws(DiskError) -> DiskItemKind? { try root.kind(of: path) }
    package func delete(_ path: String) throws(DiskError) { try root.delete(path) }
    package func syncDirectory(_ path: String) throws(DiskError) { try root.syncDirectory(path) }
    package func rename(_ source: String, to destination: String) throws(DiskError) {
        try root.rename(source, to: destination)
    }
}
