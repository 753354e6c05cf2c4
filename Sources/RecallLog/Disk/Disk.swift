// The only door to files. Everything above speaks to this protocol, so the whole engine runs on the
// real file system and on a simulated disk that crashes, forgets and lies.
//
// What is assumed of a disk: docs/format.md, "What is assumed of the disk".

/// Files and directories, by path. A path leads from the directory that the disk is, which may be held open: then it is reached
/// wherever it is moved to, and a path never leads through another one that has its name meanwhile.
package protocol Disk: Sendable {
    /// Opens a directory and holds it.
    /// - Parameter isFollowingLinks: whether the last component may be a symbolic link.
    /// - Returns: a disk of its own, whose paths lead from there; `.` is the directory itself.
    /// - Throws: `ENOENT`, `ENOTDIR`, or `ELOOP` for a link that is not to be followed.
    func openDirectory(_ path: String, isFollowingLinks: Bool) throws(DiskError) -> any Disk

    /// What the system says of what a path leads to; nil for nothing.
    /// - Parameter isFollowingLinks: whether a symbolic link stands for what it leads to.
    func status(of path: String, isFollowingLinks: Bool) throws(DiskError) -> DiskStatus?

    /// Opens a file. New files have the mode 0666, less what the umask takes away.
    /// - Throws: `ENOENT` for a missing file, `EEXIST` where `createNew` finds one; `ELOOP` where the
    ///   last component is a symbolic link.
    func open(_ path: String, _ mode: DiskOpenMode) throws(DiskError) -> any DiskFile

    /// Makes a directory of mode 0777, less what the umask takes away. Its own entry is durable once its parent is synced.
    func createDirectory(_ path: String) throws(DiskError)

    /// The names in a directory, without `.` and `..`, sorted.
    func list(_ directory: String) throws(DiskError) -> [String]

    /// What stands at a path, without following a symbolic link; nil for nothing.
    func kind(of path: String) throws(DiskError) -> DiskItemKind?

    /// Puts a file in the place of another, or of none. Durable once the directory is synced.
    func rename(_ source: String, to destination: String) throws(DiskError)

    /// Removes a file. Durable once the directory is synced.
    func delete(_ path: String) throws(DiskError)

    /// Makes creations, renames and deletions in a directory durable.
    func syncDirectory(_ path: String) throws(DiskError)
}

package enum DiskOpenMode: Sendable { case readOnly, readWrite, createNew }

package enum DiskItemKind: Sendable { case file, directory, other }

/// An open file, closed when the last reference goes. Safe to use from several threads.
package protocol DiskFile: AnyObject, Sendable {
    /// What the system says of the file, whatever its name is now and whether it has one.
    func status() throws(DiskError) -> DiskStatus

    /// The file's size in bytes.
    func size() throws(DiskError) -> Int

    /// Reads what one transfer brings: as `pread`, it may be less than was asked for. `read(into:at:)` goes on.
    /// - Returns: how many bytes were read; 0 at the end of the file alone, unless the buffer is empty.
    func readPart(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(DiskError) -> Int

    /// Writes what one transfer takes: as `pwrite`, it may be less than was asked for. `write(_:at:)` goes on.
    /// - Returns: how many bytes were written, from the first on; at least one, unless there are none.
    func writePart(_ bytes: RawSpan, at offset: Int) throws(DiskError) -> Int

    /// Makes all that was written to the file durable, with the size that is needed to read it.
    /// After an error nothing is known of any byte written since the last sync that succeeded.
    func sync() throws(DiskError)

    /// Makes what was written to the bytes durable that a map of this file shows, whether it was written to the file, to that
    /// map or to another one. Nothing else of the file is promised, its size neither. After an error it is as with `sync()`.
    /// - Parameter map: made by this file.
    func sync(_ map: any DiskMap) throws(DiskError)

    /// Reserves space and grows the file to `size` bytes; the new ones read as zero.
    func preallocate(size: Int) throws(DiskError)

    /// Cuts the file off, or grows it with zeros, to `size` bytes.
    func truncate(to size: Int) throws(DiskError)

    /// Maps `count` bytes. What any process writes to the file later shows in the map.
    /// - Parameters:
    ///   - start: where they begin, in bytes; a multiple of every page size.
    ///   - isWritable: whether stores to the map go to the file.
    func map(from start: Int, count: Int, isWritable: Bool) throws(DiskError) -> any DiskMap

    /// Whether bytes of the file that space is reserved for can be overwritten without new space, so that a store to
    /// a map of them does not fail: there is no error to catch then, only a signal.
    func isOverwrittenInPlace() throws(DiskError) -> Bool

    /// The first offset at or behind `offset` where the file may hold anything but zeros; nil where
    /// nothing but zeros follows. May name a place that turns out to be zero, never pass one that is not.
    func nextData(from offset: Int) throws(DiskError) -> Int?

    /// Takes the file's exclusive lock without waiting. It goes with `unlock`, with the process, or with
    /// the file and all maps of it.
    /// - Returns: whether it was free.
    func lockExclusively() throws(DiskError) -> Bool

    /// Gives the lock back, also while maps of the file are still there.
    func unlock()

    /// Whether somebody else, in this process or another, has the lock. Asking never takes it.
    func isLocked() throws(DiskError) -> Bool

    /// Says, until the file is closed, that somebody reads here and keeps what was found. Does not touch the lock.
    func announceReader() throws(DiskError)

    /// Whether somebody else, in this process or another, has announced to read; true where the system cannot tell.
    func hasReaders() throws(DiskError) -> Bool
}

extension DiskFile {
    /// Maps the first `count` bytes.
    package func map(count: Int, isWritable: Bool) throws(DiskError) -> any DiskMap {
        try map(from: 0, count: count, isWritable: isWritable)
    }

    /// With everything else of the file, where there is no call for a part.
    package func sync(_ map: any DiskMap) throws(DiskError) { try sync() }
}

extension DiskMap {
    /// Of memory that no file can take away.
    package var isLost: Bool { false }
}

/// Bytes of a file in memory, unmapped when the last reference goes.
package protocol DiskMap: AnyObject, Sendable {
    /// Valid as long as the map lives.
    var base: UnsafeMutableRawPointer { get }
    var count: Int { get }

    /// Whether bytes were touched that the file does not have any more, or cannot be given space for: zeros were read there, and
    /// what was stored is nowhere. To be asked after the touch, before anything rests on it.
    var isLost: Bool { get }

    /// Stores bytes in a writable map. They are with the operating system on return, as after a write to the file;
    /// nothing is durable. A reader of any map of the file, in any process, sees them.
    /// - Throws: `EINVAL` where they do not lie inside the map, or it is not writable.
    func write(_ bytes: RawSpan, at offset: Int) throws(DiskError)
}
