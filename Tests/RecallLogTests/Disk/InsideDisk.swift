// The files of a store whatever its layout, for tests that look at them or damage them while nobody has the store open.

import RecallLog
import RecallTestKit

/// The inside of a single-file store, opened anew for each call, so that it shows what others do; each change is durable at
/// once.
struct InsideDisk: Disk {
    let path: String
    let disk: any Disk

    /// The disk that a store's files are on.
    static func files(ofStoreAt path: String, on disk: any Disk) -> any Disk {
        StoreDisk.isFileName(path) ? InsideDisk(path: path, disk: disk) : disk
    }

    private func read() -> SingleFileDisk { SingleFileDisk(path, on: disk, isReadOnly: true) }

    private func change<Result>(
        _ body: (SingleFileDisk) throws(DiskError) -> Result
    ) throws(DiskError) -> Result {
        let inside = SingleFileDisk(path, on: disk, isReadOnly: false)
        let lock = try inside.open(path + "/lock", .readWrite)
        guard try lock.lockExclusively() else { throw DiskError(call: "lock", path: path, number: 16) }
        defer { lock.unlock() }
        let result = try body(inside)
        try inside.syncDirectory(path)
        return result
    }

    func open(_ path: String, _ mode: DiskOpenMode) throws(DiskError) -> any DiskFile {
        if mode == .readOnly { return try read().open(path, mode) }
        if mode == .createNew { _ = try change { (inside) throws(DiskError) in try inside.open(path, mode) } }
        return try SingleFileDisk(self.path, on: disk, isReadOnly: false).open(path, .readWrite)
    }

    func openDirectory(_ path: String, isFollowingLinks: Bool) throws(DiskError) -> any Disk {
        DirectoryByPath(path, on: self)
    }

    func status(of path: String, isFollowingLinks: Bool) throws(DiskError) -> DiskStatus? {
        try read().status(of: path, isFollowingLinks: isFollowingLinks)
    }

    func list(_ directory: String) throws(DiskError) -> [String] { try read().list(directory) }
    func kind(of path: String) throws(DiskError) -> DiskItemKind? { try read().kind(of: path) }
    func syncDirectory(_ path: String) throws(DiskError) {}

    func createDirectory(_ path: String) throws(DiskError) {
        try change { (inside) throws(DiskError) in try inside.createDirectory(path) }
    }

    func rename(_ source: String, to destination: String) throws(DiskError) {
        try change { (inside) throws(DiskError) in try inside.rename(source, to: destination) }
    }

    func delete(_ path: String) throws(DiskError) {
        try change { (inside) throws(DiskError) in try inside.delete(path) }
    }
}
