// The store that a salvage fills. Its header has another name until everything is copied and durable, so that a crash leaves no
// store that lacks a part without saying so; the rename at the end makes it one. What an interrupted salvage left is told by
// that name, and removed by the next one.

internal import Recall

/// A new store in the making. Used by one thread.
final class SalvageDestination {
    private let layout: DirectoryLayout
    private let disk: any Disk
    private var configuration: LogConfiguration
    private let clock: SalvageClock
    private var log: Log

    /// - Throws: `invalidArgument` where there is anything at the path that no salvage left; `locked` where another
    ///   salvage fills it; or what the system refused.
    init(
        at path: String, beside source: SalvageSource, disk: any Disk, configuration: LogConfiguration
    ) throws(StoreError) {
        self.disk = disk
        var configuration = configuration
        configuration.durability = .system
        configuration.isRewriting = false
        configuration.limits = Self.limits
        configuration.segmentBytesMax = source.segmentBytesMax(default: configuration.segmentBytesMax)
        configuration.headerName = DirectoryLayout.unfinishedSalvageName
        let clock = SalvageClock(
            source.header?.createdAt ?? configuration.clock.now().microsecondsSince1970)
        configuration.clock = clock.clock
        self.clock = clock
        self.configuration = configuration
        let path = Self.normalized(path)
        layout = DirectoryLayout(
            path: path, disk: disk, isReadOnly: false, headerName: DirectoryLayout.unfinishedSalvageName)
        let sourcePath = Self.normalized(source.layout.path)
        guard path != sourcePath, !path.hasPrefix(sourcePath + "/") else {
            throw StoreError(
                .invalidArgument,
                "\(path) is inside the store that is salvaged, which nothing is written to: choose a directory elsewhere."
            )
        }
        try Self.makeEmpty(layout, disk)
        log = try Log.openBlocking(at: path, configuration: configuration, disk: disk)
    }

    /// A commit that was stored is taken, whatever it was allowed to hold at the time.
    private static let limits: StoreLimits = {
        let countMax = Format.frameSizeMax
        var limits = StoreLimits()
        limits.payloadBytesMax = countMax
        limits.commitBytesMax = countMax
        limits.eventsPerCommitCountMax = countMax
        limits.nameBytesMax = countMax
        limits.tagsCountMax = countMax
        limits.tagBytesMax = countMax
        limits.metadataCountMax = countMax
        limits.metadataKeyBytesMax = countMax
        limits.metadataValueBytesMax = countMax
        return limits
    }()

    private static func normalized(_ path: String) -> String {
        let parts = path.split(separator: "/").filter { $0 != "." }
        return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    }

    // MARK: Before the first commit

    /// Sees to it that the directory holds nothing but what a salvage may begin with.
    private static func makeEmpty(_ layout: DirectoryLayout, _ disk: any Disk) throws(StoreError) {
        let known: Set = [
            "lock", "segments", "indexes", "snapshots", DirectoryLayout.unfinishedSalvageName,
            DirectoryLayout.unfinishedSalvageName + ".new",
        ]
        let kind: DiskItemKind?
        let names: [String]
        do throws(DiskError) {
            kind = try disk.kind(of: layout.path)
            names = kind == .directory ? try disk.list(layout.path) : []
        } catch {
            throw StoreError(error, doing: "look into \(layout.path)")
        }
        guard kind == nil || kind == .directory else {
            throw StoreError(
                .invalidArgument,
                "\(layout.path) is not a directory: salvage into one that is missing or empty.")
        }
        if names.isEmpty { return }
        let isUnfinished = names.contains(DirectoryLayout.unfinishedSalvageName)
        let hasSegments = try !layout.segmentNumbers().isEmpty
        guard names.allSatisfy(known.contains), isUnfinished || !hasSegments else {
            throw StoreError(
                .invalidArgument,
                "\(layout.path) is not empty: salvage into a directory that is missing or empty.")
        }
        let lock = try StoreLock(layout, disk: disk, processID: 0)
        defer { lock.release() }
        do throws(DiskError) { try remove(layout, disk) } catch {
            throw StoreError(error, doing: "remove what an interrupted salvage left in \(layout.path)")
        }
    }

    /// Removes what an interrupted salvage left; the name that tells of it goes last.
    private static func remove(_ layout: DirectoryLayout, _ disk: any Disk) throws(DiskError) {
        for directory in [layout.segmentsPath, layout.indexesPath, layout.snapshotsPath]
        where try disk.kind(of: directory) == .directory {
            for name in try disk.list(directory) { try disk.delete("\(directory)/\(name)") }
            try disk.syncDirectory(directory)
        }
        if try disk.kind(of: layout.headerPath) != nil { try disk.delete(layout.headerPath) }
        try disk.syncDirectory(layout.path)
    }

    // MARK: Copying

    /// Appends a commit with the time that it had.
    func append(_ events: [NewEvent], time: Int64) throws(StoreError) -> CommitReceipt {
        clock.set(time)
        let commit = Commit(events: events)
        while true {
            do throws(StoreError) {
                return try log.appendBlocking(commit)
            } catch {
                // What latched the new store is what the caller has to know of.
                if error.code == .latched, let cause = error.cause as? StoreError { throw cause }
                guard error.code == .limitExceeded, configuration.segmentBytesMax < Format.segmentBytesMax
                else { throw error }
            }
            // It was in a larger segment than the new store would make: this one makes larger ones, too.
            try log.closeBlocking()
            configuration.segmentBytesMax = min(configuration.segmentBytesMax * 2, Format.segmentBytesMax)
            log = try Log.openBlocking(
                at: layout.path, access: .openExisting, configuration: configuration, disk: disk)
        }
    }

    /// Lets go of what was copied, which the next salvage removes.
    func abandon() {
        // What it reports is what ended the salvage, or of no interest any more.
        try? log.closeBlocking()
    }

    /// Makes everything durable, and then a store of it.
    func finish() throws(StoreError) {
        try log.closeBlocking()
        do throws(DiskError) {
            try disk.rename(layout.headerPath, to: "\(layout.path)/\(DirectoryLayout.headerName)")
            try disk.syncDirectory(layout.path)
        } catch {
            throw StoreError(error, doing: "finish the store at \(layout.path)")
        }
    }
}

extension SalvageSource {
    /// The size that segments of the new store may have: that of the old one's, as far as it is known.
    func segmentBytesMax(default standard: Int) -> Int {
        let capacities = segments.compactMap { item -> Int? in
            if case .readable(let header) = item.segment { header.capacity } else { nil }
        }
        return max(header?.segmentBytes ?? standard, capacities.max() ?? 0)
    }
}
