// A disk of a test's own: it does what another one does, but for what the test changes.

import RecallLog
import RecallTestKit

/// A disk whose calls go to another one, unless it answers them itself. A directory is reached by its path, on this disk again.
protocol ForwardingDisk: Disk {
    var base: any Disk { get }
}

extension ForwardingDisk {
    func openDirectory(_ path: String, isFollowingLinks: Bool) throws(DiskError) -> any Disk {
        DirectoryByPath(path, on: self)
    }

    func status(of path: String, isFollowingLinks: Bool) throws(DiskError) -> DiskStatus? {
        try base.status(of: path, isFollowingLinks: isFollowingLinks)
    }

    func open(_ path: String, _ mode: DiskOpenMode) throws(DiskError) -> any DiskFile {
        try base.open(path, mode)
    }

    func createDirectory(_ path: String) throws(DiskError) { try base.createDirectory(path) }
    func list(_ directory: String) throws(DiskError) -> [String] { try base.list(directory) }
    func kind(of path: String) throws(DiskError) -> DiskItemKind? { try base.kind(of: path) }
    func rename(_ source: String, to destination: String) throws(DiskError) {
        try base.rename(source, to: destination)
    }
    func delete(_ path: String) throws(DiskError) { try base.delete(path) }
    func syncDirectory(_ path: String) throws(DiskError) { try base.syncDirectory(path) }
}
