// The user's own disk with one call that fails, as if the drive had reported it: what the self-test uses where no real
// failure can be had.

import RecallLog
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A disk that fails once, at the n-th call of a kind.
final class FailingDisk: Disk {
    /// The calls that can fail.
    enum Call: String, Sendable { case create, write, sync, syncDirectory, preallocate, rename }

    private let disk: any Disk
    private let call: Call
    private let number: Int32
    /// How many calls of the kind are left until the one that fails; less than 0 once it did.
    private let countdown: Mutex<Int>

    /// - Parameters:
    ///   - disk: what does the work.
    ///   - occurrence: which call fails, from 1.
    ///   - number: the errno of the failure.
    init(_ disk: any Disk, failing call: Call, at occurrence: Int, with number: Int32) {
        self.disk = disk
        self.call = call
        self.number = number
        countdown = Mutex(occurrence)
    }

    /// Whether the failure has come.
    var hasFailed: Bool { countdown.withLock { $0 <= 0 } }

    /// Whether this call is the one to fail.
    fileprivate func strikes(_ kind: Call) -> Bool {
        guard kind == call else { return false }
        return countdown.withLock { count in
            count -= 1
            return count == 0
        }
    }

    fileprivate func check(_ kind: Call, _ path: String) throws(DiskError) {
        if strikes(kind) { throw failure(kind, path) }
    }

    fileprivate func failure(_ kind: Call, _ path: String) -> DiskError {
        DiskError(call: "\(kind.rawValue) (made to fail by the self-test)", path: path, number: number)
    }

    func open(_ path: String, _ mode: DiskOpenMode) throws(DiskError) -> any DiskFile {
        if mode == .createNew { try check(.create, path) }
        return FailingFile(try disk.open(path, mode), path: path, on: self)
    }

    func openDirectory(_ path: String, isFollowingLinks: Bool) throws(DiskError) -> any Disk {
        FailingDirectory(
            try disk.openDirectory(path, isFollowingLinks: isFollowingLinks), path: path, on: self)
    }

    func status(of path: String, isFollowingLinks: Bool) throws(DiskError) -> DiskStatus? {
        try disk.status(of: path, isFollowingLinks: isFollowingLinks)
    }

    func createDirectory(_ path: String) throws(DiskError) { try disk.createDirectory(path) }
    func list(_ directory: String) throws(DiskError) -> [String] { try disk.list(directory) }
    func kind(of path: String) throws(DiskError) -> DiskItemKind? { try disk.kind(of: path) }
    func delete(_ path: String) throws(DiskError) { try disk.delete(path) }

    func rename(_ source: String, to destination: String) throws(DiskError) {
        try check(.rename, source)
        try disk.rename(source, to: destination)
    }

    func syncDirectory(_ path: String) throws(DiskError) {
        try check(.syncDirectory, path)
        try disk.syncDirectory(path)
    }
}

/// A directory of a `FailingDisk` that is held open.
private struct FailingDirectory: Disk {
    private let directory: any Disk
    private let path: String
    private let disk: FailingDisk

    init(_ directory: any Disk, path: String, on disk: FailingDisk) {
        self.directory = directory
        self.path = path
        self.disk = disk
    }

    func openDirectory(_ path: String, isFollowingLinks: Bool) throws(DiskError) -> any Disk {
        let opened = try directory.openDirectory(path, isFollowingLinks: isFollowingLinks)
        return FailingDirectory(opened, path: "\(self.path)/\(path)", on: disk)
    }

    func status(of path: String, isFollowingLinks: Bool) throws(DiskError) -> DiskStatus? {
        try directory.status(of: path, isFollowingLinks: isFollowingLinks)
    }

    func open(_ path: String, _ mode: DiskOpenMode) throws(DiskError) -> any DiskFile {
        let shown = "\(self.path)/\(path)"
        if mode == .createNew { try disk.check(.create, shown) }
        return FailingFile(try directory.open(path, mode), path: shown, on: disk)
    }

    func createDirectory(_ path: String) throws(DiskError) { try directory.createDirectory(path) }
    func list(_ path: String) throws(DiskError) -> [String] { try directory.list(path) }
    func kind(of path: String) throws(DiskError) -> DiskItemKind? { try directory.kind(of: path) }
    func delete(_ path: String) throws(DiskError) { try directory.delete(path) }

    func rename(_ source: String, to destination: String) throws(DiskError) {
        try disk.check(.rename, "\(path)/\(source)")
        try directory.rename(source, to: destination)
    }

    func syncDirectory(_ path: String) throws(DiskError) {
        try disk.check(.syncDirectory, "\(self.path)/\(path)")
        try directory.syncDirectory(path)
    }
}

/// A file of a `FailingDisk`.
private final class FailingFile: DiskFile {
    private let file: any DiskFile
    private let path: String
    private let disk: FailingDisk

    init(_ file: any DiskFile, path: String, on disk: FailingDisk) {
        self.file = file
        self.path = path
        self.disk = disk
    }

    func writePart(_ bytes: RawSpan, at offset: Int) throws(DiskError) -> Int {
        guard disk.strikes(.write) else { return try file.writePart(bytes, at: offset) }
        // As a full disk does it: what fits is written, and then there is the error.
        try file.write(bytes.extracting(first: bytes.byteCount / 2), at: offset)
        throw disk.failure(.write, path)
    }

    func sync() throws(DiskError) {
        try disk.check(.sync, path)
        try file.sync()
    }

    func sync(_ map: any DiskMap) throws(DiskError) {
        try disk.check(.sync, path)
        try file.sync(map)
    }

    func preallocate(size: Int) throws(DiskError) {
        try disk.check(.preallocate, path)
        try file.preallocate(size: size)
    }

    func status() throws(DiskError) -> DiskStatus { try file.status() }
    func size() throws(DiskError) -> Int { try file.size() }
    func readPart(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(DiskError) -> Int {
        try file.readPart(into: buffer, at: offset)
    }
    func truncate(to size: Int) throws(DiskError) { try file.truncate(to: size) }
    func map(from start: Int, count: Int, isWritable: Bool) throws(DiskError) -> any DiskMap {
        try file.map(from: start, count: count, isWritable: isWritable)
    }
    func isOverwrittenInPlace() throws(DiskError) -> Bool { try file.isOverwrittenInPlace() }
    func nextData(from offset: Int) throws(DiskError) -> Int? { try file.nextData(from: offset) }
    func lockExclusively() throws(DiskError) -> Bool { try file.lockExclusively() }
    func unlock() { file.unlock() }
    func isLocked() throws(DiskError) -> Bool { try file.isLocked() }
    func announceReader() throws(DiskError) { try file.announceReader() }
    func hasReaders() throws(DiskError) -> Bool { try file.hasReaders() }
}
