// Whether a path leads to a store, into it or to one of its files, under whatever name: a copy that is made there would change what
// is read, or take the store's own lock. Names say little about that: there are links, of both kinds, and mounts.

/// All that a store is, by what the system tells it by.
struct StoreExtent {
    private let path: String
    private let identities: Set<DiskIdentity>

    /// More parents than this has no path.
    private static let parentCountMax = 4096

    /// What cannot be looked at is left out: it may be the very damage that a salvage is for.
    init(of layout: DirectoryLayout) {
        path = layout.path
        identities = Set(
            [
                layout.path, layout.segmentsPath, layout.indexesPath, layout.snapshotsPath, layout.headerPath,
                layout.lockPath,
            ].compactMap { Self.status($0, layout.disk)?.identity })
    }

    /// - Parameter disk: what the path leads on.
    func contains(_ other: String, on disk: any Disk) -> Bool {
        let (mine, theirs) = (DirectoryLayout.normalized(path), DirectoryLayout.normalized(other))
        if theirs == mine || theirs.hasPrefix(mine + "/") { return true }
        var place = other
        // What is to be made has a parent that is there, and so has what lies below a file, though nothing can be made there.
        while Self.status(place, disk) == nil {
            let parent = Self.parent(of: place)
            if parent == place { return false }
            place = parent
        }
        guard let status = Self.status(place, disk) else { return false }
        if identities.contains(status.identity) { return true }
        guard status.kind == .directory else { return isBelow(Self.parent(of: place), disk) }
        // A copy of which the files are links is the store, too.
        for name in [DirectoryLayout.headerName, "lock"] {
            // A store may itself be called `store`: then the directory beside the copy is no file of it.
            if let file = Self.status("\(place)/\(name)", disk), file.kind == .file,
                identities.contains(file.identity)
            {
                return true
            }
        }
        return isBelow(place, disk)
    }

    /// Whether a directory is one of the store's, or in one, by asking each for its parent.
    private func isBelow(_ directory: String, _ disk: any Disk) -> Bool {
        var place = directory
        var last: DiskIdentity?
        for _ in 0 ..< Self.parentCountMax {
            guard let status = Self.status(place, disk), status.identity != last else { return false }
            if identities.contains(status.identity) { return true }
            last = status.identity
            place += "/.."
        }
        return false
    }

    private static func status(_ path: String, _ disk: any Disk) -> DiskStatus? {
        (try? disk.status(of: path, isFollowingLinks: true)) ?? nil
    }

    private static func parent(of path: String) -> String {
        let path = DirectoryLayout.normalized(path)
        guard let slash = path.lastIndex(of: "/") else { return path == ".." ? "../.." : "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
