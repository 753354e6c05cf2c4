// The directories of a simulated disk: the tree that the running system sees, the tree that is on the
// disk, and between them the changes that no syncDirectory has made durable, in order.

/// Names and what they stand for, durable and not.
struct SimulatedDirectoryModel: Sendable {
    typealias NodeID = Int
    typealias Tree = [NodeID: [String: Node]]

    enum Node: Hashable, Sendable {
        case file(NodeID)
        case directory(NodeID)
        case symbolicLink
    }

    /// Where a name stands.
    struct Place: Hashable, Sendable {
        var directory: NodeID
        var name: String
    }

    /// A change to names. A rename is one change, so it survives a crash whole or not at all.
    enum Change: Hashable, Sendable {
        case link(Place, Node)
        case unlink(Place)
        case rename(from: Place, to: Place, Node)
    }

    /// Why a path could not be used.
    enum Failure: Error { case notFound, notDirectory, isDirectory, exists, notEmpty, symbolicLink }

    static let root: NodeID = 0

    private(set) var tree: Tree = [root: [:]]
    private(set) var durableTree: Tree = [root: [:]]
    private(set) var pending: [Change] = []

    subscript(place: Place) -> Node? { tree[place.directory]?[place.name] }

    func names(in directory: NodeID) -> [String] { (tree[directory] ?? [:]).keys.sorted() }

    /// Where the last component of a path stands, or nil for the directory itself that it leads from.
    func place(of path: String, from base: NodeID = root) throws(Failure) -> Place? {
        let components = SimulatedDirectoryModel.components(of: path)
        guard let name = components.last else { return nil }
        return Place(directory: try directory(components.dropLast(), from: base), name: name)
    }

    func directory(_ path: String, from base: NodeID = root) throws(Failure) -> NodeID {
        try directory(SimulatedDirectoryModel.components(of: path)[...], from: base)
    }

    /// Where a name stands that leads to a file or directory; nil where none does.
    func place(of id: NodeID) -> Place? {
        for (directory, entries) in tree {
            for (name, node) in entries where node == .file(id) || node == .directory(id) {
                return Place(directory: directory, name: name)
            }
        }
        return nil
    }

    private func directory(_ components: ArraySlice<String>, from base: NodeID) throws(Failure) -> NodeID {
        var current = base
        for name in components {
            switch tree[current]?[name] {
            case .directory(let next): current = next
            case .file, .symbolicLink: throw .notDirectory
            case nil: throw .notFound
            }
        }
        return current
    }

    mutating func apply(_ change: Change) {
        SimulatedDirectoryModel.apply(change, to: &tree)
        pending.append(change)
    }

    /// Makes durable what changed in a directory. A rename between two directories goes with either.
    mutating func sync(_ directory: NodeID) {
        var rest: [Change] = []
        for change in pending {
            if change.places.contains(where: { $0.directory == directory }) {
                SimulatedDirectoryModel.apply(change, to: &durableTree)
            } else {
                rest.append(change)
            }
        }
        pending = rest
    }

    /// Makes every change of names durable.
    mutating func syncAll() {
        for change in pending { SimulatedDirectoryModel.apply(change, to: &durableTree) }
        pending.removeAll()
    }

    /// Takes a name away, with all that is in the directory that it may lead to.
    mutating func removeAll(at place: Place) {
        if case .directory(let id)? = self[place] {
            for name in names(in: id) { removeAll(at: Place(directory: id, name: name)) }
        }
        apply(.unlink(place))
    }

    /// The tree that a restart finds.
    func afterCrash(_ survival: inout SimulatedSurvival) -> SimulatedDirectoryModel {
        var found = durableTree
        let style = survival.nextStyle()
        let orderedCount = survival.orderedCount(of: pending.count)
        for (index, change) in pending.enumerated() {
            let survives = orderedCount.map { index < $0 } ?? survival.keeps(style)
            if survives { SimulatedDirectoryModel.apply(change, to: &found) }
        }
        var new = SimulatedDirectoryModel()
        // What no path leads to any more is gone.
        var reachable: Tree = [:]
        var waiting = [SimulatedDirectoryModel.root]
        while let directory = waiting.popLast() {
            let entries = found[directory] ?? [:]
            reachable[directory] = entries
            for case .directory(let child) in entries.values { waiting.append(child) }
        }
        new.tree = reachable
        new.durableTree = reachable
        return new
    }

    /// The files that a path leads to now, or may lead to after a crash.
    var reachableFiles: Set<NodeID> {
        var files: Set<NodeID> = []
        for entries in [tree, durableTree].flatMap(\.values) {
            for case .file(let id) in entries.values { files.insert(id) }
        }
        for change in pending {
            if case .file(let id)? = change.node { files.insert(id) }
        }
        return files
    }

    private static func apply(_ change: Change, to tree: inout Tree) {
        switch change {
        case .link(let place, let node):
            tree[place.directory, default: [:]][place.name] = node
            if case .directory(let id) = node, tree[id] == nil { tree[id] = [:] }
        case .unlink(let place):
            tree[place.directory]?[place.name] = nil
        case .rename(let source, let destination, let node):
            if tree[source.directory]?[source.name] == node {
                tree[source.directory]?[source.name] = nil
            }
            tree[destination.directory, default: [:]][destination.name] = node
        }
    }

    private static func components(of path: String) -> [String] {
        path.split(separator: "/").filter { $0 != "." }.map(String.init)
    }
}

extension SimulatedDirectoryModel.Change {
    var places: [SimulatedDirectoryModel.Place] {
        switch self {
        case .link(let place, _), .unlink(let place): [place]
        case .rename(let source, let destination, _): [source, destination]
        }
    }

    var node: SimulatedDirectoryModel.Node? {
        switch self {
        case .link(_, let node), .rename(_, _, let node): node
        case .unlink: nil
        }
    }
}
