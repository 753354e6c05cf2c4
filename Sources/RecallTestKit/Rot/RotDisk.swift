// A disk in memory whose bits can be flipped in place: nothing is copied to map a file, so that a store can be looked at
// millions of times. It never fails and never crashes; what does is the simulated disk's part.

package import RecallLog
internal import Synchronization

/// Files in memory, by path. Directories are names.
package final class RotDisk: Disk {
    private struct State {
        var files: [String: RotNode] = [:]
        var directories: Set<String> = ["/"]
    }

    private let state: Mutex<State>

    package init() { state = Mutex(State()) }

    private init(_ content: State) { state = Mutex(content) }

    /// The same files on a disk of their own.
    package func copy() -> RotDisk {
        RotDisk(
            state.withLock { state in
                State(files: state.files.mapValues { $0.copy() }, directories: state.directories)
            })
    }

    /// All files below a directory, sorted.
    package func paths(below directory: String) -> [String] {
        state.withLock { $0.files.keys.filter { $0.hasPrefix(directory + "/") }.sorted() }
    }

    package func contents(of path: String) -> [UInt8] { node(path)?.bytes() ?? [] }

    /// Flips a bit, in the file and in all maps of it.
    package func flip(_ path: String, at offset: Int, bit: Int) { node(path)?.flip(at: offset, bit: bit) }

    /// How often files below a directory were written to, or their names changed.
    package func mutationCount(below directory: String) -> Int {
        state.withLock { state in
            state.files.reduce(0) { $0 + ($1.key.hasPrefix(directory + "/") ? $1.value.mutationCount : 0) }
        }
    }

    /// Forgets a directory with all that is in it.
    package func remove(_ directory: String) {
        state.withLock { state in
            state.files = state.files.filter { !$0.key.hasPrefix(directory + "/") }
            state.directories = state.directories.filter { $0 != directory && !$0.hasPrefix(directory + "/") }
        }
    }

    private func node(_ path: String) -> RotNode? { state.withLock { $0.files[path] } }

    // MARK: Disk

    package func openDirectory(_ path: String, isFollowingLinks: Bool) throws(DiskError) -> any Disk {
        switch kind(of: path) {
        case .directory: return DirectoryByPath(path, on: self)
        case nil: throw DiskError(call: "open", path: path, number: Self.missing)
        default: throw DiskError(call: "open", path: path, number: Self.noDirectory)
        }
    }

    package func status(of path: String, isFollowingLinks: Bool) -> DiskStatus? {
        if let node = node(path) { return node.status }
        guard kind(of: path) == .directory else { return nil }
        let identity = DiskIdentity(device: 1, node: UInt64(bitPattern: Int64(path.hashValue)))
        return DiskStatus(identity: identity, kind: .directory, linkCount: 1, size: 0)
    }

    package func open(_ path: String, _ mode: DiskOpenMode) throws(DiskError) -> any DiskFile {
        let node = state.withLock { state -> RotNode? in
            if mode == .createNew {
                guard state.files[path] == nil else { return nil }
                let made = RotNode()
                state.files[path] = made
                return made
            }
            return state.files[path]
        }
        guard let node else {
            throw DiskError(call: "open", path: path, number: mode == .createNew ? Self.exists : Self.missing)
        }
        return RotFile(node)
    }

    package func createDirectory(_ path: String) { state.withLock { _ = $0.directories.insert(path) } }

    package func list(_ directory: String) -> [String] {
        state.withLock { state in
            let prefix = directory + "/"
            return (Array(state.files.keys) + Array(state.directories)).compactMap { path in
                guard path.hasPrefix(prefix) else { return nil }
                let name = path.dropFirst(prefix.count)
                return name.contains("/") ? nil : String(name)
            }.sorted()
        }
    }

    package func kind(of path: String) -> DiskItemKind? {
        let path = path.hasSuffix("/.") ? String(path.dropLast(2)) : path
        return state.withLock { state in
            if state.files[path] != nil { return .file }
            return state.directories.contains(path) ? .directory : nil
        }
    }

    package func rename(_ source: String, to destination: String) throws(DiskError) {
        let isDone = state.withLock { state in
            guard let node = state.files.removeValue(forKey: source) else { return false }
            state.files[destination] = node
            return true
        }
        if !isDone { throw DiskError(call: "rename", path: source, number: Self.missing) }
    }

    package func delete(_ path: String) throws(DiskError) {
        let isDone = state.withLock { $0.files.removeValue(forKey: path) != nil }
        if !isDone { throw DiskError(call: "unlink", path: path, number: Self.missing) }
    }

    package func syncDirectory(_ path: String) {}

    /// `ENOENT`, `EEXIST` and `ENOTDIR`, which are the same everywhere.
    private static let missing: Int32 = 2
    private static let exists: Int32 = 17
    private static let noDirectory: Int32 = 20
}
