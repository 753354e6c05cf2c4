// What tells one file from another that has its name now: names are given away again, what a descriptor is open on is not.

/// What tells a file or directory from every other one, as long as it exists.
package struct DiskIdentity: Hashable, Sendable {
    /// The file system.
    package var device: UInt64
    /// The file or directory in it.
    package var node: UInt64

    package init(device: UInt64, node: UInt64) {
        self.device = device
        self.node = node
    }
}

/// What the system says of a file or directory.
package struct DiskStatus: Hashable, Sendable {
    package var identity: DiskIdentity
    package var kind: DiskItemKind
    /// How many names lead to it; 0 for what was deleted and is only held open. Some systems do not count those of directories.
    package var linkCount: Int
    /// In bytes; means nothing for a directory.
    package var size: Int

    package init(identity: DiskIdentity, kind: DiskItemKind, linkCount: Int, size: Int) {
        self.identity = identity
        self.kind = kind
        self.linkCount = linkCount
        self.size = size
    }
}
