// From a path to a store that is known to be one: made where it is missing and may be, refused with a
// reason where it is something else, or was made by a newer program.

package import Recall

/// Finds, checks and makes stores.
package struct StoreOpening: Sendable {
    /// Where stores are, directories and files.
    private let outside: any Disk
    private let access: LogAccess
    private let configuration: LogConfiguration

    package init(_ disk: any Disk, access: LogAccess, configuration: LogConfiguration) {
        outside = disk
        self.access = access
        self.configuration = configuration
    }

    /// What is at a path, as far as that can be said before the lock is taken.
    /// - Throws: `notFound`, `unsupported` or `invalidArgument`.
    package func layout(at path: String) throws(StoreError) -> DirectoryLayout {
        let path = Self.withoutTrailingSlashes(path)
        guard !path.isEmpty else {
            throw StoreError(
                .invalidArgument,
                "The path of the store is empty: name a directory, or a file that ends in .recall.")
        }
        let segmentBytes = configuration.segmentBytesMax
        guard segmentBytes >= Format.segmentBytesMin, segmentBytes <= Format.segmentBytesMax else {
            throw StoreError(
                .invalidArgument,
                "segmentBytesMax is \(segmentBytes): choose from \(Format.segmentBytesMin) to \(Format.segmentBytesMax) bytes."
            )
        }
        let disk = try inside(path)
        let layout = DirectoryLayout(
            path: path, disk: disk, isReadOnly: access == .readOnly, headerName: configuration.headerName,
            sabotages: configuration.sabotages)
        switch try kind(of: path, on: disk) {
        case .directory: break
        case nil:
            guard access == .createOrOpen else { throw Self.missing(path) }
            try makeDirectory(path, on: disk)
        case .file, .other:
            throw StoreError(
                .unsupported,
                "\(path) is no store: name the store's directory, or its file, which ends in .recall and is no link."
            )
        }
        try checkDirectories(of: layout)
        return layout
    }

    /// The disk that the store's files are on.
    private func inside(_ path: String) throws(StoreError) -> any Disk {
        do throws(DiskError) {
            return try StoreDisk.inside(
                ofStoreAt: path, on: outside, isReadOnly: access == .readOnly,
                sabotages: configuration.sabotages)
        } catch {
            throw StoreError(error, doing: "open the store at \(path)")
        }
    }

    /// The header of the store; makes store and header where there is none yet. The lock is held, or
    /// nothing is written.
    package func header(of layout: DirectoryLayout) throws(StoreError) -> StoreHeader {
        if let found = try foundHeader(of: layout) { return found }
        guard access == .createOrOpen else { throw Self.missing(layout.path) }
        let names = try checkMayBecomeStore(layout)
        // The lock is this opening's own.
        configuration.recoveryObserver?(
            names.allSatisfy { $0 == "lock" } ? .storeMissing : .creationInterrupted)
        // Before the store is made in it.
        try layout.syncParent()
        let header = StoreHeader(
            storeID: RawIdentifier(high: configuration.randomBits(), low: configuration.randomBits()),
            incarnation: RawIdentifier(high: configuration.randomBits(), low: configuration.randomBits()),
            createdAt: configuration.clock.now().microsecondsSince1970,
            segmentBytes: configuration.segmentBytesMax)
        try layout.create(header)
        return header
    }

    /// The header that is there, before the lock is taken; nil where a store is to be made and may be. What is refused was not
    /// touched: the lock would leave a file, or write into one of somebody else's that has its name.
    package func headerBeforeLock(of layout: DirectoryLayout) throws(StoreError) -> StoreHeader? {
        if let found = try foundHeader(of: layout) { return found }
        guard access == .createOrOpen else { throw Self.missing(layout.path) }
        try checkMayBecomeStore(layout)
        return nil
    }

    /// The header that is there; nil where there is none, and no segments that lack one.
    private func foundHeader(of layout: DirectoryLayout) throws(StoreError) -> StoreHeader? {
        let found: StoreHeader?
        do throws(StoreError) { found = try layout.readStoreHeader() } catch {
            if error.code == .damaged { configuration.recoveryObserver?(.headerDamaged) }
            throw error
        }
        if let found {
            try check(found, at: layout.path)
            return found
        }
        try refuseUnfinished(layout)
        guard try layout.segmentNumbers().isEmpty else {
            configuration.recoveryObserver?(.headerMissing)
            throw StoreError(
                .damaged,
                "\(layout.path) holds segments but its header, the file store, is missing: put it back, restore a backup, or salvage what is whole."
            )
        }
        return nil
    }

    /// Refuses what a newer program has made in a way that this one does not understand.
    func check(_ header: StoreHeader, at path: String) throws(StoreError) {
        if header.requiredFeatures & ~Format.knownRequiredFeatures != 0 {
            throw StoreError(
                .unsupported,
                "The store at \(path) uses features that this version of Recall does not know: open it with a newer one."
            )
        }
        if access != .readOnly,
            header.extensions.forbidsWriting || header.readFeatures & ~Format.knownReadFeatures != 0
        {
            throw StoreError(
                .unsupported,
                "The store at \(path) uses features with which this version of Recall may only read: open it for reading only, or with a newer version."
            )
        }
    }

    /// What a salvage or a restore was filling when it was interrupted is no store, and says so before anything else.
    func refuseUnfinished(_ layout: DirectoryLayout) throws(StoreError) {
        for name in DirectoryLayout.unfinishedNames where name.header != configuration.headerName {
            let kind: DiskItemKind?
            do throws(DiskError) { kind = try layout.disk.kind(of: "\(layout.path)/\(name.header)") } catch {
                throw StoreError(error, doing: "look into \(layout.path)")
            }
            guard kind == nil else {
                throw StoreError(
                    .notFound,
                    "\(layout.path) holds what a \(name.task) has copied that was not finished: run it again, or choose another directory."
                )
            }
        }
    }

    /// A directory without a store header becomes a store only if it holds nothing but what the making
    /// of a store leaves behind when it is interrupted: never a stranger's files, and no segments.
    /// - Returns: the names in it.
    @discardableResult
    func checkMayBecomeStore(_ layout: DirectoryLayout) throws(StoreError) -> [String] {
        let known: Set = [
            "lock", "segments", "indexes", "snapshots", configuration.headerName + ".new",
        ]
        let names: [String]
        do throws(DiskError) { names = try layout.disk.list(layout.path) } catch {
            throw StoreError(error, doing: "look into \(layout.path)")
        }
        if let stranger = names.first(where: { !known.contains($0) }) {
            configuration.recoveryObserver?(.strangerFound)
            throw Self.stranger(stranger, layout.path)
        }
        return names
    }

    /// A store may be reached through a symbolic link, but nothing in it may lead out of it: what is written there would
    /// end up among somebody else's files.
    private func checkDirectories(of layout: DirectoryLayout) throws(StoreError) {
        for path in [layout.segmentsPath, layout.indexesPath, layout.snapshotsPath] {
            let kind: DiskItemKind?
            do throws(DiskError) { kind = try layout.disk.kind(of: path) } catch {
                throw StoreError(error, doing: "open the store at \(layout.path)")
            }
            guard kind == nil || kind == .directory else {
                throw StoreError(
                    .unsupported,
                    "\(path) is a symbolic link or a file where a store has a directory: put the directory itself there."
                )
            }
        }
    }

    private func makeDirectory(_ path: String, on disk: any Disk) throws(StoreError) {
        do throws(DiskError) { try disk.createDirectory(path) } catch {
            throw StoreError(error, doing: "make a store at \(path)")
        }
    }

    /// What the store's path leads to: a link to a directory is as good as the directory.
    private func kind(of path: String, on disk: any Disk) throws(StoreError) -> DiskItemKind? {
        do throws(DiskError) {
            let kind = try disk.kind(of: path)
            guard kind == .other else { return kind }
            // With a component behind it, the link is followed.
            return try disk.kind(of: path + "/.") ?? .other
        } catch {
            // What is neither a directory nor leads to one.
            if error.isNotADirectory { return .other }
            throw StoreError(error, doing: "open the store at \(path)")
        }
    }

    private static func withoutTrailingSlashes(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }

    private static func missing(_ path: String) -> StoreError {
        StoreError(.notFound, "There is no store at \(path): check the path, or append to it to make one.")
    }

    private static func stranger(_ name: String, _ path: String) -> StoreError {
        StoreError(
            .notFound,
            "\(path) is a directory without a store, and holds \(name): choose an empty or a new directory.")
    }
}
