// Finding a file by its path, and making a new one.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import RecallLog

extension SimulatedDiskState {
    /// The file at a path, which must be new or must be there.
    mutating func findOrCreate(_ path: String, isNew: Bool) throws(DiskError) -> FileID {
        let kind: SimulatedOperation.Kind = isNew ? .create : .open
        do throws(SimulatedDirectoryModel.Failure) {
            guard let place = try directories.place(of: path) else { throw .isDirectory }
            switch directories[place] {
            case .some where isNew: throw .exists
            case .file(let id): return id
            case .directory: throw .isDirectory
            case .symbolicLink: throw .symbolicLink
            case nil:
                guard isNew else { throw .notFound }
                guard let file = SimulatedFileModel(sizeMax: options.fileSizeMax) else { break }
                let id = makeID()
                files[id] = file
                directories.apply(.link(place, .file(id)))
                return id
            }
        } catch {
            throw failure(kind, path, error)
        }
        throw failure(kind, path, ENOMEM)
    }
}

extension SimulatedDirectoryModel {
    mutating func rename(_ source: String, to destination: String) throws(Failure) {
        guard let from = try place(of: source), let to = try place(of: destination) else {
            throw .isDirectory
        }
        guard let node = self[from] else { throw .notFound }
        switch (node, self[to]) {
        case (_, nil): break
        case (_, node): return
        case (.directory, .directory(let id)):
            if !names(in: id).isEmpty { throw .notEmpty }
        case (.directory, _): throw .notDirectory
        case (_, .directory): throw .isDirectory
        case (_, _): break
        }
        apply(.rename(from: from, to: to, node))
    }
}
