// A directory of a simulated disk that is held open. It stays the one that was opened, whatever has its name.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import RecallLog
internal import Synchronization

/// Paths that lead from one directory of a simulated disk.
struct SimulatedDirectory: Disk {
    private let id: SimulatedDirectoryModel.NodeID
    /// Where it was when it was opened, for the trace and for planned faults.
    private let path: String
    private let disk: SimulatedDisk

    init(id: SimulatedDirectoryModel.NodeID, path: String, of disk: SimulatedDisk) {
        self.id = id
        self.path = path
        self.disk = disk
    }

    private func shown(_ path: String) -> String {
        if id == SimulatedDirectoryModel.root { return path }
        return path == "." ? self.path : "\(self.path)/\(path)"
    }

    func openDirectory(_ path: String, isFollowingLinks: Bool) throws(DiskError) -> any Disk {
        try disk.state.withLock { state throws(DiskError) in
            _ = try state.begin(.openDirectory, shown(path))
            do throws(SimulatedDirectoryModel.Failure) {
                let opened = try state.directories.directory(path, from: id)
                return SimulatedDirectory(id: opened, path: shown(path), of: disk)
            } catch {
                throw state.failure(.openDirectory, shown(path), error)
            }
        }
    }

    func status(of path: String, isFollowingLinks: Bool) throws(DiskError) -> DiskStatus? {
        try disk.state.withLock { state throws(DiskError) in
            _ = try state.begin(.status, shown(path))
            do throws(SimulatedDirectoryModel.Failure) {
                guard let place = try state.directories.place(of: path, from: id) else {
                    let count = state.directories.isLinked(id) ? 1 : 0
                    return SimulatedDiskState.status(of: id, .directory, linkCount: count)
                }
                switch state.directories[place] {
                case .file(let file):
                    let size = state.files[file]?.size ?? 0
                    return SimulatedDiskState.status(of: file, .file, linkCount: 1, size: size)
                case .directory(let found):
                    return SimulatedDiskState.status(of: found, .directory, linkCount: 1)
                case .symbolicLink:
                    return isFollowingLinks
                        ? nil : SimulatedDiskState.status(of: -1, .other, linkCount: 1)
                case nil: return nil
                }
            } catch {
                if error == .notFound { return nil }
                throw state.failure(.status, shown(path), error)
            }
        }
    }

    func open(_ path: String, _ mode: DiskOpenMode) throws(DiskError) -> any DiskFile {
        let kind: SimulatedOperation.Kind = mode == .createNew ? .create : .open
        let file = try disk.state.withLock { state throws(DiskError) in
            _ = try state.begin(kind, shown(path))
            let file = try state.findOrCreate(path, from: id, isNew: mode == .createNew, shown: shown(path))
            state.handleCounts[file, default: 0] += 1
            return file
        }
        return SimulatedFile(disk, id: file, path: shown(path), isWritable: mode != .readOnly)
    }

    func createDirectory(_ path: String) throws(DiskError) {
        try disk.state.withLock { state throws(DiskError) in
            _ = try state.begin(.createDirectory, shown(path))
            do throws(SimulatedDirectoryModel.Failure) {
                guard let place = try state.directories.place(of: path, from: id),
                    state.directories[place] == nil
                else {
                    throw .exists
                }
                guard state.directories.isLinked(place.directory) else { throw .notFound }
                state.directories.apply(.link(place, .directory(state.makeID())))
            } catch {
                throw state.failure(.createDirectory, shown(path), error)
            }
        }
    }

    func list(_ directory: String) throws(DiskError) -> [String] {
        try disk.state.withLock { state throws(DiskError) in
            _ = try state.begin(.list, shown(directory))
            do throws(SimulatedDirectoryModel.Failure) {
                return state.directories.names(in: try state.directories.directory(directory, from: id))
            } catch {
                throw state.failure(.list, shown(directory), error)
            }
        }
    }

    func kind(of path: String) throws(DiskError) -> DiskItemKind? {
        try disk.state.withLock { state throws(DiskError) in
            _ = try state.begin(.kind, shown(path))
            do throws(SimulatedDirectoryModel.Failure) {
                guard let place = try state.directories.place(of: path, from: id) else { return .directory }
                switch state.directories[place] {
                case .file: return .file
                case .directory: return .directory
                case .symbolicLink: return .other
                case nil: return nil
                }
            } catch {
                if error == .notFound { return nil }
                throw state.failure(.kind, shown(path), error)
            }
        }
    }

    func rename(_ source: String, to destination: String) throws(DiskError) {
        try disk.state.withLock { state throws(DiskError) in
            _ = try state.begin(.rename, shown(source), "to \(shown(destination))")
            do throws(SimulatedDirectoryModel.Failure) {
                try state.directories.rename(source, to: destination, from: id)
            } catch {
                throw state.failure(.rename, shown(source), error)
            }
            state.collect()
        }
    }

    func delete(_ path: String) throws(DiskError) {
        try disk.state.withLock { state throws(DiskError) in
            _ = try state.begin(.delete, shown(path))
            do throws(SimulatedDirectoryModel.Failure) {
                guard let place = try state.directories.place(of: path, from: id) else { throw .isDirectory }
                switch state.directories[place] {
                case nil: throw .notFound
                case .directory: throw .isDirectory
                case .file, .symbolicLink: state.directories.apply(.unlink(place))
                }
            } catch {
                throw state.failure(.delete, shown(path), error)
            }
            state.collect()
        }
    }

    func syncDirectory(_ path: String) throws(DiskError) {
        try disk.state.withLock { state throws(DiskError) in
            let fault = try state.begin(.syncDirectory, shown(path))
            if case .lie? = fault?.effect { return }
            if let fault { throw state.failure(.syncDirectory, shown(path), fault.number) }
            do throws(SimulatedDirectoryModel.Failure) {
                state.directories.sync(try state.directories.directory(path, from: id))
            } catch {
                throw state.failure(.syncDirectory, shown(path), error)
            }
            state.collect()
        }
    }
}
