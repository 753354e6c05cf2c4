// The log that an application opens: one writer, any number of readers, and the stores over it.
// How its parts work together: docs/format.md for the bytes, `CommitQueue` and `LogWriter` for the life
// of a commit, `RecoveredLog` for what opening does.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import Logging
public import Recall
internal import RecallThreads
internal import Synchronization

/// A log of events in files of its own: appends are atomic and as durable as configured, and everything
/// can be read again, by aggregate or in order.
///
/// One log at a time may be open for appending, in all processes; others may open it for reading.
public final class Log: Sendable {
    /// What only a log that can be appended to has.
    private struct Appending: Sendable {
        var queue: CommitQueue
        var housekeeping: BlockingPool
        var lock: StoreLock
    }

    /// Where the log is.
    public let path: String
    /// What was chosen when it was opened.
    public let configuration: LogConfiguration
    let contents: LogContents
    let reader: LogReader
    let published: PublishedPosition
    let pool: BlockingPool
    /// Found out once: counting processors reads files, which takes longer than many a read.
    private let readAhead: ReadAhead
    private let appending: Appending?
    private let follower: LogFollower?
    let followerWatch: FollowerWatch?
    private let isClosed = Atomic<Bool>(false)
    /// Whether the first close is done, for those that come meanwhile.
    private let isCloseDone = Monitor(false)
    package let snapshotFiles: SnapshotFiles
    /// How the last session that appended had ended, as this opening found it.
    let wasClosedCleanly: Bool
    let header: StoreHeader
    let layout: DirectoryLayout
    /// What the paths of other stores lead on.
    let disk: any Disk
    /// Rot in the part that is not sealed; only a log for reading is open in spite of it.
    let damage: [DamagedRegion]

    // MARK: Opening and closing

    /// Opens a log, and makes it where that is asked for. Finding the end after a crash reads what is
    /// not sealed yet; no byte is changed before the first append. With durability `commit`, what is not known to be on the
    /// disk is written once more, as it is, and synced.
    ///
    /// What an earlier session acknowledged is there, whole and in order. Of what it did not, each
    /// commit is there whole or not at all.
    /// - Parameters:
    ///   - path: the store's directory; its parent must exist.
    ///   - access: whether to append, and whether a missing store is made. A new one is durable on return.
    /// - Throws: `notFound`, `locked` (naming the process), `damaged` (open it for reading instead),
    ///   `unsupported`, `invalidArgument`, or what the system refused.
    public static func open(
        at path: String, access: LogAccess = .createOrOpen,
        configuration: LogConfiguration = LogConfiguration()
    ) async throws(StoreError) -> Log {
        let pool = try readers(configuration)
        return try await pool.run { () throws(StoreError) -> Log in
            try Log(at: path, access: access, configuration: configuration, disk: POSIXDisk(), pool: pool)
        }
    }

    /// Opens a log like `open(at:access:configuration:)`, on the calling thread, which may wait for the disk.
    /// - Throws: as `open(at:access:configuration:)` does.
    public static func openBlocking(
        at path: String, access: LogAccess = .createOrOpen,
        configuration: LogConfiguration = LogConfiguration()
    ) throws(StoreError) -> Log {
        try openBlocking(at: path, access: access, configuration: configuration, disk: POSIXDisk())
    }

    /// Opens a log on any disk.
    package static func openBlocking(
        at path: String, access: LogAccess = .createOrOpen,
        configuration: LogConfiguration = LogConfiguration(), disk: any Disk
    ) throws(StoreError) -> Log {
        let pool = try readers(configuration)
        return try Log(at: path, access: access, configuration: configuration, disk: disk, pool: pool)
    }

    private static func readers(_ configuration: LogConfiguration) throws(StoreError) -> BlockingPool {
        try BlockingPool(
            threadCount: max(1, configuration.readerThreadCount), isDeferred: !configuration.hasOwnThreads)
    }

    private init(
        at path: String, access: LogAccess, configuration: LogConfiguration, disk: any Disk,
        pool: BlockingPool
    ) throws(StoreError) {
        let opening = StoreOpening(disk, access: access, configuration: configuration)
        let layout = try opening.layout(at: path)
        let isReadOnly = access == .readOnly
        // What is refused is left as it was: so before the lock, whose file goes where the opening fails later.
        let knownHeader = try opening.headerBeforeLock(of: layout)
        let lock =
            isReadOnly ? nil : try StoreLock(layout, processID: UInt64(getpid()), isLeftBehind: false)
        if let knownHeader { header = knownHeader } else { header = try opening.header(of: layout) }
        let limit = isReadOnly ? try LogFollower.limit(in: layout) : .max
        if !isReadOnly {
            // A store without its directory of segments is damaged, and says so.
            _ = try layout.segmentNumbers()
            try layout.rememberPlaces()
        }
        // Before the segments, which a writer goes on with meanwhile.
        let marks = try layout.marks(of: header)
        let witness = layout.witness(marks)
        let recovered = try Self.recover(
            header, in: layout, witness: witness, limitPosition: limit, configuration)
        if !isReadOnly {
            try recovered.checkMayAppend(at: layout.path)
            if let damage = recovered.damage.first { throw damage.error(in: layout.path) }
            if layout.deleteUnfinished() { configuration.recoveryObserver?(.unfinishedFile) }
        }
        lock?.leaveBehind()
        Self.report(recovered, at: layout.path, to: configuration.logger)

        self.path = layout.path
        self.layout = layout
        self.disk = disk
        self.configuration = configuration
        self.pool = pool
        readAhead = configuration.readAhead
        damage = recovered.damage
        wasClosedCleanly = recovered.wasClosedCleanly
        contents = LogContents(
            recovered, in: layout,
            isRewriting: !isReadOnly && configuration.isRewriting && configuration.isCompressing)
        reader = LogReader(contents: contents, path: layout.path)
        // What a writer that is gone left with the system alone is made durable before anybody is shown it.
        let isDurable = !isReadOnly || limit != .max || LogFollower.makeDurable(recovered, in: layout)
        // What is lost at the end was there: whoever reads up to it is told.
        let found = max(
            isDurable ? recovered.nextPosition - 1 : recovered.durablePosition,
            recovered.lossyDamage?.lastPosition ?? 0)
        // With a sync for each commit, readers see only what is durable.
        let isVisible = isReadOnly || configuration.durability != .commit
        published = PublishedPosition(
            min(isVisible ? found : recovered.durablePosition, found, limit), page: lock?.page)
        if let lock {
            let housekeeping = try BlockingPool(
                threadCount: configuration.housekeepingThreadCount, isDeferred: !configuration.hasOwnThreads)
            let writer = LogWriter(
                recovered, contents: contents, layout: layout, published: published,
                configuration: configuration, housekeeping: housekeeping, lock: lock, marks: marks)
            try writer.secureWhatWasFound()
            let queue = try CommitQueue(writer, configuration: configuration)
            appending = Appending(queue: queue, housekeeping: housekeeping, lock: lock)
            writer.resumeRewriting()
            follower = nil
            followerWatch = nil
            snapshotFiles = SnapshotFiles(
                disk: layout.disk, directory: layout.snapshotsPath, storeID: recovered.header.storeID,
                clock: configuration.clock, settings: configuration.snapshotSettings,
                makeDurable: { (position) throws(StoreError) in
                    try queue.withWriter { (writer) throws(StoreError) in
                        try writer.makeDurable(through: position.rawValue)
                    }
                })
        } else {
            appending = nil
            snapshotFiles = SnapshotFiles(
                disk: layout.disk, directory: layout.snapshotsPath, storeID: recovered.header.storeID,
                clock: configuration.clock, isReadOnly: true, settings: configuration.snapshotSettings)
            let following = LogFollower(
                recovered, contents: contents, layout: layout, published: published,
                proofInterval: configuration.followingProofInterval)
            follower = following
            followerWatch = FollowerWatch(following, published)
        }
    }

    private static func recover(
        _ header: StoreHeader, in layout: DirectoryLayout, witness: StoreWitness, limitPosition: UInt64,
        _ configuration: LogConfiguration
    ) throws(StoreError) -> RecoveredLog {
        var cases = RecoveryCases()
        defer { if let observer = configuration.recoveryObserver { cases.all.forEach(observer) } }
        return try RecoveredLog(
            header, in: layout, witness: witness, limitPosition: limitPosition, noting: &cases)
    }

    private static func report(_ recovered: RecoveredLog, at path: String, to logger: Logger) {
        let last = recovered.nextPosition - 1
        if recovered.ending == .torn {
            logger.notice(
                "\(path): commits that a crash tore are cut off behind position \(last); none was acknowledged"
            )
        }
        for damage in recovered.damage { logger.error("\(damage.error(in: path).message)") }
        logger.debug("\(path): opened with \(last) events in \(recovered.segments.count) segments")
    }

    deinit {
        // Without a close the store is left as a crash would leave it, which opening mends. The writer
        // ends what it has taken and lets go of the lock. A sync that is owed is not left to a thread, which ends with the process.
        appending?.queue.abandon()
        appending?.queue.payOwed()
        followerWatch?.stop()
        contents.stopMerging()
        appending?.housekeeping.stop()
        published.close(.closedLog)
        pool.stop()
    }

    /// Closes the log: what was appended is synced, whatever the durability, and the end is marked, so that the next opening is
    /// quick. Closing twice does nothing; a second call returns when the first is done.
    /// - Throws: what kept the last bytes from the disk. The log is closed all the same.
    public func close() async throws(StoreError) {
        try await pool.run { [self] () throws(StoreError) in try closeBlocking() }
    }

    /// Closes the log like `close()`, on the calling thread, which may wait for the disk.
    /// - Throws: what kept the last bytes from the disk. The log is closed all the same.
    public func closeBlocking() throws(StoreError) {
        guard isClosed.exchange(true, ordering: .acquiringAndReleasing) == false else {
            return isCloseDone.wait { $0 ? () : nil }
        }
        defer {
            isCloseDone.withLock { $0 = true }
            isCloseDone.broadcast()
        }
        defer { published.close(.closedLog) }
        followerWatch?.stop()
        // Who reads on meanwhile has the maps.
        defer { contents.segments.last?.closeFile() }
        guard let appending else { return snapshotFiles.close() }
        defer { appending.lock.release() }
        // While the lock is held, since it writes.
        defer { snapshotFiles.close() }
        appending.queue.stop()
        defer { appending.housekeeping.drain() }
        try appending.queue.withWriter { (writer) throws(StoreError) in try writer.close() }
    }

    // MARK: Appending

    /// The events of the log, as the store that a repository works on.
    public var events: LogEventStore { LogEventStore(self) }

    /// The snapshots that are kept beside the events, as the store that a repository works on.
    public var snapshots: LogSnapshotStore { LogSnapshotStore(files: snapshotFiles, pool: pool) }

    /// Stores a commit whole, or not at all, while the caller's task is suspended.
    ///
    /// What is durable on return is what `configuration.durability` promises. A task that is cancelled gets the outcome of its
    /// commit all the same, unless it has to wait for room in the queue (`LogConfiguration.queueBytesMax`): then it ends with
    /// `cancelled`, and nothing was written.
    /// - Throws: `conflict`, `eventIDReused`, `duplicateEventID`, `limitExceeded`, `invalidArgument`,
    ///   `readOnly`, `closed` or `cancelled` (nothing was written); `latched` after an earlier failure; or the failure
    ///   itself, after which it is not known whether the commit is stored.
    public func append(_ commit: Commit) async throws(StoreError) -> CommitReceipt {
        try await appendQueue().append(commit)
    }

    /// Stores a commit like `append(_:)`, on the calling thread, which may wait for the disk. A lone caller is faster
    /// this way, since no thread has to be woken. What is durable on return is the same.
    /// - Throws: as `append(_:)` does.
    public func appendBlocking(_ commit: Commit) throws(StoreError) -> CommitReceipt {
        try appendQueue().appendBlocking(commit)
    }

    /// Stores commits as one group, as when as many callers come at the same moment.
    /// - Returns: for each, what its caller would be told.
    package func appendTogetherBlocking(
        _ commits: [Commit]
    ) throws(StoreError) -> [Result<CommitReceipt, StoreError>] {
        try appendQueue().appendTogetherBlocking(commits)
    }

    /// Syncs what `interval` durability owes the disk, as its thread does when the time has come.
    package func syncOwed() { appending?.queue.withWriter { $0.sync() } }

    /// Waits, blocking, until nothing is left to be done beside the appends.
    package func finishHousekeeping() { appending?.housekeeping.drain() }

    private func appendQueue() throws(StoreError) -> CommitQueue {
        try checkOpen()
        guard let appending else {
            throw StoreError(
                .readOnly,
                "The log at \(path) is open for reading only; nothing was written: open it for appending.")
        }
        return appending.queue
    }

    // MARK: Reading

    /// Lends each event that a query asks for to `body`, in the order of the query, without copying anything:
    /// the fields name places in the bytes, which are valid during the call only.
    ///
    /// Blocks the calling thread while pages come from the disk. `body` is called on that thread alone; where much is
    /// read over all aggregates, others check and decompress ahead (`LogConfiguration.replayThreadCount`). The checksum of every frame that is read is
    /// verified. `pageEventCountMax` has no meaning here.
    /// - Parameters:
    ///   - query: of any scope, direction, range and filter: everything, one aggregate, or one graph.
    ///   - body: returns false to stop. What it throws ends the reading, too.
    /// - Throws: `damaged`, with the positions, where stored bytes are not what was written.
    public func replayBlocking(
        _ query: EventQuery = EventQuery(), _ body: (EventFields, RawSpan) throws(StoreError) -> Bool
    ) throws(StoreError) {
        try reader.replay(query, published: try visiblePosition(), ahead: readAhead, body)
    }

    /// Like `replayBlocking(_:_:)`, with the threads that read ahead given.
    package func replayBlocking(
        _ query: EventQuery, ahead: ReadAhead, _ body: (EventFields, RawSpan) throws(StoreError) -> Bool
    ) throws(StoreError) {
        try reader.replay(query, published: try visiblePosition(), ahead: ahead, body)
    }

    /// The position of the last event that can be read now; 0 in an empty log.
    /// - Throws: `closed`; for a log that is open for reading only, what its files reported.
    public func lastPositionBlocking() throws(StoreError) -> Position { Position(try visiblePosition()) }

    /// Reads a page on the calling thread.
    /// - Throws: `damaged`, with the positions, where stored bytes are not what was written.
    public func readBlocking(_ query: EventQuery) throws(StoreError) -> EventPage {
        let published = try visiblePosition()
        guard let cursor = query.cursor else { return try reader.read(query, published: published) }
        try cursor.check(in: history, last: Position(published)) { (position) throws(StoreError) in
            try reader.eventID(at: position.rawValue)
        }
        var page = try reader.read(query, published: published)
        guard query.direction == .forwards else { return page }
        let position = query.lookedThrough(
            page.events, next: page.next, last: Position(published))
        let last = page.events.last
        page.cursor = EventCursor(
            position: position,
            eventID: last?.position == position ? last?.id : try reader.eventID(at: position.rawValue),
            history: history)
        return page
    }

    /// Which history of which store the log is: for `EventCursor`, and to tell a copy from what it was copied from. A store that
    /// was restored to an earlier moment is another history; a copy made by other means than Recall's is not known to be one, and
    /// is told by the ids of its events.
    public var history: StoreHistory {
        StoreHistory(storeID: header.storeID.uuid, incarnation: header.incarnation.uuid)
    }

    /// What is known about an aggregate or child entity; nil when no event that readers may see touched it.
    package func statusBlocking(of aggregate: AggregateID) throws(StoreError) -> AggregateStatus? {
        try reader.status(of: RawIdentifier(aggregate.uuid), published: try visiblePosition())
    }

    /// How far may be read now; takes up what another process has written.
    func visiblePosition() throws(StoreError) -> UInt64 {
        try checkOpen()
        try follower?.refresh()
        return published.current
    }

    /// Makes durable what a copy of the log is about to hold, where this log is the one that writes.
    /// - Returns: whether it is.
    func makeDurable(through position: UInt64) throws(StoreError) -> Bool {
        guard let appending else { return false }
        try appending.queue.withWriter { (writer) throws(StoreError) in
            try writer.makeDurable(through: position)
        }
        return true
    }

    var isFollowing: Bool { follower != nil }

    func keptByWriter() -> KeptTail? { appending?.queue.withWriter { $0.keptTail } }

    func checkOpen() throws(StoreError) {
        if isClosed.load(ordering: .acquiring) { throw .closedLog }
    }
}
