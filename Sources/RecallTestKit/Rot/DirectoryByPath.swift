// A directory of a disk on which directories are names and never move: each path is put behind that of the directory.

package import RecallLog

/// What `openDirectory` gives on a disk in tests that only passes calls on, so that it sees the same paths as ever.
package struct DirectoryByPath: Disk {
    private let path: String
    private let disk: any Disk

    package init(_ path: String, on disk: any Disk) {
        self.path = path
        self.disk = disk
    }

    private func whole(_ path: String) -> String {
        if path == "." { return self.path }
        return self.path.hasSuffix("/") ? self.path + path : "\(self.path)/\(path)"
    }

    package func openDirectory(_ path: String, isFollowingLinks: Bool) throws(DiskError) -> any Disk {
        try disk.openDirectory(whole(path), isFollowingLinks: isFollowingLinks)
    }

    package func status(of path: String, isFollowingLinks: Bool) throws(DiskError) -> DiskStatus? {
        try disk.status(of: whole(path), isFollowingLinks: isFollowingLinks)
    }

    package func open(_ path: String, _ mode: DiskOpenMode) throws(DiskError) -> any DiskFile {
        try disk.open(whole(path), mode)
    }

    package func createDirectory(_ path: String) throws(DiskError) { try disk.createDirectory(whole(path)) }
    package func list(_ directory: String) throws(DiskError) -> [String] { try disk.list(whole(directory)) }
    package func kind(of path: String) throws(DiskError) -> DiskItemKind? { try disk.kind(of: whole(path)) }
    package func delete(_ path: String) throws(DiskError) { try disk.delete(whole(path)) }
    package func syncDirectory(_ path: String) throws(DiskError) { try disk.syncDirectory(whole(path)) }
    package func rename(_ source: String, to destination: String) throws(DiskError) {
        try disk.rename(whole(source), to: whole(destination))
    }
}
