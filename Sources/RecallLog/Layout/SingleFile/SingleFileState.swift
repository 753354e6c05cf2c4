// The names of a single-file store as its user sees them now, which may be ahead of the durable table of contents.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import Synchronization

/// Names, and the table that they came from.
struct SingleFileState {
    enum Item {
        case directory
        case file(SingleFileNode)
    }

    let space: ExtentSpace
    /// By the path inside the store; the root is not among them.
    private(set) var items: [String: Item] = [:]
    /// What is read or was written last; nil before anything was read.
    var superblock: Superblock?
    /// The entries of the durable table.
    private(set) var durableEntries: [FileTable.Entry] = []
    /// Where the last byte ends that they name.
    private(set) var durableEnd = 0
    /// The place of the durable table.
    var tableLease: ExtentLease?

    /// A file that was not read yet.
    init() { space = ExtentSpace() }

    /// What a table says.
    /// - Parameters:
    ///   - fileSize: of the file that holds the store, in bytes.
    ///   - isWatched: whether readers may still look where an earlier table leads.
    init(_ table: FileTable, of superblock: Superblock, fileSize: Int, isWatched: Bool) {
        var used = table.entries.compactMap(\.placement).filter { $0.capacity > 0 }.map {
            Extent(offset: $0.offset, size: $0.capacity)
        }
        if let extent = superblock.tableExtent { used.append(extent) }
        let space = ExtentSpace(used: used, fileSize: fileSize, isWatched: isWatched)
        self.space = space
        self.superblock = superblock
        tableLease = superblock.tableExtent.map { ExtentLease($0, in: space) }
        durableEntries = table.entries
        durableEnd = Self.end(of: table.entries)
        for entry in table.entries {
            items[entry.name] =
                entry.placement.map {
                    .file(SingleFileNode($0, in: space, fileSize: fileSize))
                } ?? .directory
        }
    }

    /// The entries of a table that says what is now. Names for the unfinished are left out: nobody wants them back.
    func entries() -> [FileTable.Entry] {
        items.filter { !$0.key.hasSuffix(DirectoryLayout.unfinishedSuffix) }.map { name, item in
            switch item {
            case .directory: FileTable.Entry(name: name, placement: nil)
            case .file(let node): FileTable.Entry(name: name, placement: node.body.withLock { $0.placement })
            }
        }.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// Remembers that a table with these entries is durable.
    mutating func noteDurable(_ entries: [FileTable.Entry]) {
        durableEntries = entries
        durableEnd = Self.end(of: entries)
        for entry in entries {
            guard case .file(let node)? = items[entry.name] else { continue }
            node.body.withLock { $0.known = entry.placement }
        }
    }

    private static func end(of entries: [FileTable.Entry]) -> Int {
        entries.reduce(0) { max($0, $1.placement.map { $0.offset + $0.size } ?? 0) }
    }

    // MARK: Names. Each throws an errno.

    /// Throws where the directory that a name lies in is none.
    func checkParent(of name: String) throws(Errno) {
        guard let slash = name.lastIndex(of: "/") else { return }
        try checkDirectory(String(name[..<slash]))
    }

    func checkDirectory(_ name: String) throws(Errno) {
        if name.isEmpty { return }
        switch items[name] {
        case .directory?: return
        case .file?: throw Errno(ENOTDIR)
        case nil:
            try checkParent(of: name)
            throw Errno(ENOENT)
        }
    }

    func node(_ name: String) throws(Errno) -> SingleFileNode {
        try checkParent(of: name)
        switch items[name] {
        case .file(let node)?: return node
        case .directory?: throw Errno(EISDIR)
        case nil: throw Errno(ENOENT)
        }
    }

    mutating func add(_ item: Item, at name: String) throws(Errno) {
        try checkParent(of: name)
        guard items[name] == nil else { throw Errno(EEXIST) }
        guard FileTable.isName(name) else { throw Errno(EINVAL) }
        items[name] = item
    }

    mutating func delete(_ name: String) throws(Errno) {
        _ = try node(name)
        items[name] = nil
    }

    mutating func rename(_ source: String, to destination: String) throws(Errno) {
        let node = try node(source)
        try checkParent(of: destination)
        if case .directory? = items[destination] { throw Errno(EISDIR) }
        guard FileTable.isName(destination) else { throw Errno(EINVAL) }
        items[source] = nil
        items[destination] = .file(node)
    }

    func names(in directory: String) throws(Errno) -> [String] {
        try checkDirectory(directory)
        let prefix = directory.isEmpty ? "" : directory + "/"
        return items.keys.compactMap { name in
            guard name.hasPrefix(prefix) else { return nil }
            let rest = name.dropFirst(prefix.count)
            return rest.contains("/") ? nil : String(rest)
        }.sorted()
    }

    /// What a call inside the store is refused with, as the file system would.
    struct Errno: Error {
        var number: Int32
        init(_ number: Int32) { self.number = number }
    }
}
