// The inside of a store's directory as a disk: what a path below the store's leads to is reached from directories that were
// opened once. A path is but a name here. So a store that is moved while it is open goes on where it is, and what
// stands under its old name meanwhile is never touched.

internal import Synchronization

/// The inside of a directory store, wherever the directory is moved to.
package final class StoreDirectory: InsideOfStore {
    static let segmentsName = "segments"

    /// Where the store was when it was opened.
    package let path: String
    /// Where the path leads from; what lies outside the store is found there.
    let outside: any Disk
    /// The store's directory, under an empty name, and those in it, each opened when it was first needed.
    private let held = Mutex<[String: any Disk]>([:])
    private let remembered = Mutex<[(name: String, identity: DiskIdentity)]>([])

    /// Opens nothing yet.
    package init(_ path: String, on outside: any Disk) {
        self.path = path
        self.outside = outside
    }

    /// Where a path inside the store is: the directory that it lies in, and its name there.
    private struct Place {
        var directory: String
        var name: String
    }

    /// Nil for what lies outside.
    private func place(_ path: String) -> Place? {
        if path == self.path { return Place(directory: "", name: ".") }
        guard path.hasPrefix(self.path + "/") else { return nil }
        let rest = path.dropFirst(self.path.count + 1)
        guard let slash = rest.firstIndex(of: "/") else { return Place(directory: "", name: String(rest)) }
        return Place(directory: String(rest[..<slash]), name: String(rest[rest.index(after: slash)...]))
    }

    /// A directory of the store, which is held from the first call on.
    func directory(_ name: String) throws(DiskError) -> any Disk {
        try held.withLock { (held) throws(DiskError) in
            if let found = held[name] { return found }
            let root: any Disk
            if let found = held[""] {
                root = found
            } else {
                root = try outside.openDirectory(path, isFollowingLinks: true)
                held[""] = root
            }
            if name.isEmpty { return root }
            let opened = try root.openDirectory(name, isFollowingLinks: false)
            held[name] = opened
            return opened
        }
    }

    /// Those that are held, by name.
    var heldDirectories: [String: any Disk] { held.withLock { $0 } }

    private var isOpened: Bool { held.withLock { $0[""] != nil } }

    // MARK: Its place

    func rememberPlaces(of names: [String]) throws(DiskError) {
        var found: [(name: String, identity: DiskIdentity)] = []
        for name in ["."] + names {
            guard let status = try directory("").status(of: name, isFollowingLinks: false) else {
                throw DiskError(call: "fstatat", path: "\(path)/\(name)", number: DiskError.missing)
            }
            found.append((name, status.identity))
        }
        let identities = found
        remembered.withLock { $0 = identities }
    }

    /// In the store's own directory, where whoever writes to the store may make a file, and which it is moved with.
    func besides(_ name: String) throws(DiskError) -> FileBeside {
        FileBeside(directory: try directory(""), name: name, path: "\(path)/\(name)")
    }

    func place(tail: SegmentFile?, at path: String) -> StorePlace {
        let remembered = remembered.withLock { $0 }
        guard let root = remembered.first, let directory = try? directory("") else { return .unchanged }
        // One call for the three directories on the way to the last segment and for itself, since this is asked with each sync.
        if let tail,
            outside.target(of: path, opened: tail.identity, sizeMin: tail.header.capacity) == .same
        {
            for (name, identity) in remembered.dropFirst() where name != Self.segmentsName {
                let found = directory.target(of: name, opened: identity)
                if let changed = found.place("\(self.path)/\(name)") { return changed }
            }
            return .unchanged
        }
        if let tail, let place = self.place(path) {
            let found = (try? self.directory(place.directory)).map {
                $0.target(of: place.name, opened: tail.identity, sizeMin: tail.header.capacity)
            }
            if let changed = found?.place(path) { return changed }
        }
        for (name, identity) in remembered.dropFirst() {
            let found = directory.target(of: name, opened: identity)
            if let changed = found.place("\(self.path)/\(name)") { return changed }
        }
        switch outside.target(of: self.path, opened: root.identity) {
        case .same, .unknown: return .unchanged
        case .another: return .replaced(self.path)
        case .nothing, .shorter:
            let status = try? directory.status(of: ".", isFollowingLinks: false)
            return status?.linkCount == 0 ? .missing(self.path) : .moved
        }
    }

    // MARK: Disk

    package func openDirectory(_ path: String, isFollowingLinks: Bool) throws(DiskError) -> any Disk {
        guard let place = place(path) else {
            return try outside.openDirectory(path, isFollowingLinks: isFollowingLinks)
        }
        return try directory(place.directory).openDirectory(place.name, isFollowingLinks: isFollowingLinks)
    }

    package func status(of path: String, isFollowingLinks: Bool) throws(DiskError) -> DiskStatus? {
        guard let place = place(path) else {
            return try outside.status(of: path, isFollowingLinks: isFollowingLinks)
        }
        if place.name == ".", place.directory.isEmpty, !isOpened {
            return try outside.status(of: path, isFollowingLinks: isFollowingLinks)
        }
        do throws(DiskError) {
            return try directory(place.directory).status(of: place.name, isFollowingLinks: isFollowingLinks)
        } catch {
            if error.isMissing { return nil }
            throw error
        }
    }

    package func kind(of path: String) throws(DiskError) -> DiskItemKind? {
        guard let place = place(path) else { return try outside.kind(of: path) }
        if place.name == ".", place.directory.isEmpty, !isOpened { return try outside.kind(of: path) }
        do throws(DiskError) { return try directory(place.directory).kind(of: place.name) } catch {
            if error.isMissing { return nil }
            throw error
        }
    }

    package func open(_ path: String, _ mode: DiskOpenMode) throws(DiskError) -> any DiskFile {
        guard let place = place(path) else { return try outside.open(path, mode) }
        return try directory(place.directory).open(place.name, mode)
    }

    package func createDirectory(_ path: String) throws(DiskError) {
        guard let place = place(path) else { return try outside.createDirectory(path) }
        if place.name == ".", place.directory.isEmpty { return try outside.createDirectory(path) }
        try directory(place.directory).createDirectory(place.name)
    }

    package func list(_ directory: String) throws(DiskError) -> [String] {
        guard let place = place(directory) else { return try outside.list(directory) }
        if place.directory.isEmpty, place.name != "." { return try self.directory(place.name).list(".") }
        return try self.directory(place.directory).list(place.name)
    }

    package func rename(_ source: String, to destination: String) throws(DiskError) {
        guard let from = place(source), let to = place(destination) else {
            return try outside.rename(source, to: destination)
        }
        guard from.directory == to.directory else {
            return try directory("").rename(
                "\(from.directory)/\(from.name)", to: "\(to.directory)/\(to.name)")
        }
        try directory(from.directory).rename(from.name, to: to.name)
    }

    package func delete(_ path: String) throws(DiskError) {
        guard let place = place(path) else { return try outside.delete(path) }
        try directory(place.directory).delete(place.name)
    }

    package func syncDirectory(_ path: String) throws(DiskError) {
        guard let place = place(path) else { return try outside.syncDirectory(path) }
        if place.directory.isEmpty, place.name != "." { return try directory(place.name).syncDirectory(".") }
        try directory(place.directory).syncDirectory(place.name)
    }
}
