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
    /// What a test disk says of a file or directory.
    static func status(of id: FileID, _ kind: DiskItemKind, linkCount: Int, size: Int = 0) -> DiskStatus {
        DiskStatus(
            identity: DiskIdentity(device: 0, node: UInt64(bitPattern: Int64(id))), kind: kind,
            linkCount: linkCount, size: size)
    }

    /// The file at a path, which must be new or must be there.
    /// - Parameters:
    ///   - base: the directory that the path leads from.
    ///   - shown: the path as the trace names it.
    mutating func findOrCreate(
        _ path: String, from base: FileID, isNew: Bool, shown: String
    ) throws(DiskError) -> FileID {
        let kind: SimulatedOperation.Kind = isNew ? .create : .open
        do throws(SimulatedDirectoryModel.Failure) {
            guard let place = try directories.place(of: path, from: base) else { throw .isDirectory }
            switch directories[place] {
            case .some where isNew: throw .exists
            case .file(let id): return id
            case .directory: throw .isDirectory
            case .symbolicLink: throw .symbolicLink
            case nil:
                guard isNew, directories.isLinked(place.directory) else { throw .notFound }
                guard let file = SimulatedFileModel(sizeMax: options.fileSizeMax) else { break }
                let id = makeID()
                files[id] = file
                directories.apply(.link(place, .file(id)))
                return id
            }
        } catch {
            throw failure(kind, shown, error)
        }
        throw failure(kind, shown, ENOMEM)
    }
}

extension SimulatedDirectoryModel {
    /// Whether a directory has a name: in one that has none, nothing can be made any more.
    func isLinked(_ directory: NodeID) -> Bool {
        directory == SimulatedDirectoryModel.root || place(of: directory) != nil
    }

    mutating func rename(
        _ source: String, to destination: String, from base: NodeID = root
    ) throws(Failure) {
        guard let from = try place(of: source, from: base), let to = try place(of: destination, from: base)
        else {
            throw .isDirectory
        }
        guard let node = self[from], isLinked(to.directory) else { throw .notFound }
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
