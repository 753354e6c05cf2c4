// A disk inside one file: the names and files of a store, which the directory layout works on without knowing. What is
// durable is what the protocol of disks promises: bytes and sizes at a file's sync, names at a directory's. Whatever
// lies outside the file goes to the disk below. Layout: docs/format-single-file.md.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import Synchronization

/// The inside of a `.recall` file as a disk.
///
/// Only the one who holds the lock changes anything. A reader says that it is there before it looks where files are, and
/// looks again whenever it is asked for a name, since a writer may be at work.
package final class SingleFileDisk: InsideOfStore {
    /// How the name of a store ends that is one file.
    package static let suffix = ".recall"
    static let lockName = "lock"

    package let path: String
    private let disk: any Disk
    private let isReadOnly: Bool
    private let sabotages: Sabotages
    private let opened = Mutex<Opened?>(nil)

    /// - Parameters:
    ///   - disk: where the file is.
    ///   - sabotages: bugs that tests put in.
    package init(_ path: String, on disk: any Disk, isReadOnly: Bool, sabotages: Sabotages = Sabotages()) {
        self.path = path
        self.disk = disk
        self.isReadOnly = isReadOnly
        self.sabotages = sabotages
    }

    // MARK: The file

    /// The name inside the file; nil for what lies outside, empty for the file itself.
    private func name(_ path: String) -> String? {
        if path == self.path { return "" }
        guard path.hasPrefix(self.path + "/") else { return nil }
        return String(path.dropFirst(self.path.count + 1))
    }

    /// The file, opened once: from then on it is this one, whatever has its name.
    private func openedFile() throws(DiskError) -> Opened {
        try opened.withLock { (opened) throws(DiskError) -> Opened in
            if let opened { return opened }
            let made = try Opened(path, on: disk, isReadOnly: isReadOnly, sabotages: sabotages)
            opened = made
            return made
        }
    }

    /// The opened file, with names as they are now.
    private func store() throws(DiskError) -> Opened {
        let opened = try openedFile()
        try opened.refresh()
        return opened
    }

    /// A handle of its own, which a lock can belong to, on the file that is open and no other.
    private func fileToLock() throws(DiskError) -> any DiskFile {
        let file = try disk.open(path, .readWrite)
        guard try file.status().identity == openedFile().file.status().identity else {
            throw DiskError(call: "open", path: path, number: DiskError.isAnother)
        }
        return file
    }

    /// Makes the file's contents this writer's, which has the lock.
    func takeOver() throws(DiskError) { try store().takeOver() }

    /// What is wrong with the copies of the superblock and of the table of contents, as they are now. Beside a writer, what
    /// is found may be on its way: what a second look finds with the same bytes is damage.
    package func damagedCopies() throws(DiskError) -> [DamagedCopy] { try store().damagedCopies() }

    /// - Throws: damage where a file lies behind the end of the one that holds the store, which no writer opens then.
    package func checkPlaces() throws(DiskError) { try store().checkPlaces() }

    /// Gives back what the file has behind its last byte that is in use. The lock is held.
    package func trim() throws(DiskError) { try store().trim() }

    // MARK: Its place

    /// All that is in the store is in the file that is open.
    func rememberPlaces(of names: [String]) throws(DiskError) { _ = try openedFile() }

    /// In the directory that the file is in, as long as it is there.
    func besides(_ name: String) throws(DiskError) -> FileBeside {
        let slash = path.lastIndex(of: "/")
        let parent = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let own = slash.map { String(path[path.index(after: $0)...]) } ?? path
        let directory = try disk.openDirectory(parent, isFollowingLinks: true)
        let found = try directory.status(of: own, isFollowingLinks: false)?.identity
        guard try found == openedFile().file.status().identity else {
            throw DiskError(call: "fstatat", path: path, number: DiskError.isAnother)
        }
        return FileBeside(directory: directory, name: "\(own).\(name)", path: "\(path).\(name)")
    }

    package func place(tail: SegmentFile?, at path: String) -> StorePlace {
        guard let opened = opened.withLock({ $0 }),
            let (status, isCutShort) = try? opened.statusUnderOneTable()
        else { return .unchanged }
        if isCutShort { return .cutShort(self.path) }
        switch disk.target(of: self.path, opened: status.identity) {
        case .same, .shorter, .unknown: return .unchanged
        case .another: return .replaced(self.path)
        case .nothing: return status.linkCount == 0 ? .missing(self.path) : .moved
        }
    }

    // MARK: Files and names

    package func openDirectory(_ path: String, isFollowingLinks: Bool) throws(DiskError) -> any Disk {
        guard name(path) == nil else { throw DiskError(call: "open", path: path, number: ENOTSUP) }
        return try disk.openDirectory(path, isFollowingLinks: isFollowingLinks)
    }

    /// Of what lies inside, the identity is that of the file that holds it.
    package func status(of path: String, isFollowingLinks: Bool) throws(DiskError) -> DiskStatus? {
        guard let name = name(path) else {
            return try disk.status(of: path, isFollowingLinks: isFollowingLinks)
        }
        if name.isEmpty, opened.withLock({ $0 == nil }) {
            return try disk.status(of: path, isFollowingLinks: isFollowingLinks)
        }
        guard let kind = try kind(of: path) else { return nil }
        var status = try openedFile().file.status()
        status.kind = kind
        return status
    }

    package func open(_ path: String, _ mode: DiskOpenMode) throws(DiskError) -> any DiskFile {
        guard let name = name(path) else { return try disk.open(path, mode) }
        if name == Self.lockName {
            return SingleFileLock(mode == .readOnly ? try openedFile().file : try fileToLock(), of: self)
        }
        guard !name.isEmpty else { throw DiskError(call: "open", path: path, number: EISDIR) }
        let store = try store()
        let node = try store.change("open", path) { (state) throws(SingleFileState.Errno) in
            guard mode == .createNew else { return try state.node(name) }
            let node = SingleFileNode(in: state.space)
            try state.add(.file(node), at: name)
            return node
        }
        return SingleFileHandle(node, in: store, path: path, isWritable: mode != .readOnly)
    }

    package func createDirectory(_ path: String) throws(DiskError) {
        guard let name = name(path) else { return try disk.createDirectory(path) }
        // The file is empty until somebody has its lock.
        if name.isEmpty { return _ = try disk.open(path, .createNew) }
        try store().change("mkdir", path) { (state) throws(SingleFileState.Errno) in
            try state.add(.directory, at: name)
        }
    }

    package func list(_ directory: String) throws(DiskError) -> [String] {
        guard let name = name(directory) else { return try disk.list(directory) }
        return try store().change("opendir", directory) { (state) throws(SingleFileState.Errno) in
            try state.names(in: name)
        }
    }

    package func kind(of path: String) throws(DiskError) -> DiskItemKind? {
        guard let name = name(path) else { return try disk.kind(of: path) }
        if opened.withLock({ $0 == nil }) {
            let kind = try disk.kind(of: self.path)
            guard kind == .file else { return name.isEmpty ? kind : nil }
        }
        if name.isEmpty { return .directory }
        if name == Self.lockName { return .file }
        return try store().change("lstat", path) { (state) throws(SingleFileState.Errno) in
            switch state.items[name] {
            case .directory?: .directory
            case .file?: .file
            case nil: nil
            }
        }
    }

    package func rename(_ source: String, to destination: String) throws(DiskError) {
        guard let from = name(source), let to = name(destination) else {
            return try disk.rename(source, to: destination)
        }
        try store().change("rename", source) { (state) throws(SingleFileState.Errno) in
            try state.rename(from, to: to)
        }
    }

    package func delete(_ path: String) throws(DiskError) {
        guard let name = name(path) else { return try disk.delete(path) }
        try store().change("unlink", path) { (state) throws(SingleFileState.Errno) in try state.delete(name) }
    }

    package func syncDirectory(_ path: String) throws(DiskError) {
        guard let name = name(path) else { return try disk.syncDirectory(path) }
        let store = try store()
        try store.change("fsync", path) { (state) throws(SingleFileState.Errno) in
            try state.checkDirectory(name)
        }
        if !isReadOnly { try store.commit() }
    }
}
