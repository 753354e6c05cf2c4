// The store that a salvage fills with commits, as a log takes them. It is no store before it is finished (`UnfinishedStore`).

internal import Recall

/// A new store in the making. Used by one thread.
final class SalvageDestination {
    private let target: UnfinishedStore
    private var configuration: LogConfiguration
    private let clock: SalvageClock
    private var log: Log

    /// - Throws: `invalidArgument` where there is anything at the path that no salvage left; `locked` where another
    ///   salvage fills it; or what the system refused.
    init(
        at path: String, beside source: SalvageSource, disk: any Disk, configuration: LogConfiguration
    ) throws(StoreError) {
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
        target = try UnfinishedStore(
            at: path, disk: disk, headerName: DirectoryLayout.unfinishedSalvageName, task: "salvage",
            refusal: .invalidArgument)
        guard !StoreExtent(of: source.layout).contains(path, on: disk) else {
            throw StoreError(
                .invalidArgument,
                "\(target.layout.path) is inside the store that is salvaged, which nothing is written to: choose a directory elsewhere."
            )
        }
        try target.makeEmpty()
        log = try Log.openBlocking(
            at: target.layout.path, configuration: configuration,
            disk: target.layout.disk)
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
                at: target.layout.path, access: .openExisting, configuration: configuration,
                disk: target.layout.disk)
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
        // Nobody else may remove, as what a salvage left, what is a store in a moment.
        let lock = try StoreLock(target.layout, processID: 0)
        defer { lock.release() }
        try target.finish()
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
