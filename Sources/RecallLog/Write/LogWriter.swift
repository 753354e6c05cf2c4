// The one writer. For each group of commits it does what docs/format.md and the design call the life
// of a commit, top to bottom in `process`: judge, place, write, sync, publish, answer.
//
// Invariants: positions and versions have no gaps; nothing is published before its promise holds;
// after a failed write or sync nothing is appended until the log is opened again.

internal import Logging
package import Recall
internal import Synchronization

/// Appends commits. Whoever holds the writer's role in the commit queue uses it, one at a time.
package final class LogWriter: Sendable {
    /// What the writer knows and nobody else may change.
    struct State: ~Copyable {
        var segment: SegmentFile?
        /// Where the next frame goes: behind all frames, those in the buffer among them.
        var tailOffset = Format.headerSize
        var nextPosition: UInt64 = 1
        var epoch: UInt32 = 0
        /// Whether frames may be placed: this session's epoch is durable in the segment.
        var isSessionOpen = false
        var isTailSealed = false
        /// The last position that a sync has made durable.
        var syncedPosition: UInt64 = 0
        /// Something was written since the last sync.
        var isDirty = false
        /// Of the last commit; time never runs backwards in a log.
        var lastTime: Int64 = .min
        var frameCount = 0
        /// Frames that are not written yet; the first goes to `bufferOffset`.
        var buffer = ByteWriter(capacity: 64 << 10)
        var bufferOffset = Format.headerSize
        var failure: StoreError?
        var isClosed = false
    }

    let contents: LogContents
    let layout: any StoreLayout
    let published: PublishedPosition
    let reader: LogReader
    let storeID: RawIdentifier
    let configuration: LogConfiguration
    let housekeeping: BlockingPool
    let metrics: LogMetrics
    /// Held as long as there is a writer, even for a log that was given up without a close.
    private let lock: StoreLock
    private let state: Mutex<State>

    /// The buffer keeps at most this much memory between groups.
    private static let bufferBytesMax = 4 << 20

    package init(
        _ recovered: RecoveredLog, contents: LogContents, layout: any StoreLayout,
        published: PublishedPosition, configuration: LogConfiguration, housekeeping: BlockingPool,
        lock: StoreLock
    ) {
        self.lock = lock
        self.contents = contents
        self.layout = layout
        self.published = published
        self.configuration = configuration
        self.housekeeping = housekeeping
        reader = LogReader(contents: contents, path: layout.path)
        storeID = recovered.header.storeID
        metrics = LogMetrics()
        var state = State()
        state.segment = recovered.tail
        state.tailOffset = recovered.chain?.offset ?? Format.headerSize
        state.bufferOffset = state.tailOffset
        state.nextPosition = recovered.nextPosition
        state.epoch = recovered.epoch
        state.isTailSealed = recovered.isTailSealed
        // What recovery found is not known to be durable until the session's first sync; the highest
        // watermark that was found is.
        state.syncedPosition = recovered.durablePosition
        state.lastTime = recovered.lastTime
        state.frameCount = recovered.frameCount
        self.state = Mutex(state)
    }

    // MARK: The life of a commit

    /// Appends a group of commits and tells each of its outcome.
    package func process(_ group: [PendingCommit]) {
        state.withLock { state in
            var outcomes: [Result<CommitReceipt, StoreError>] = []
            outcomes.reserveCapacity(group.count)
            for pending in group {
                do throws(StoreError) {
                    outcomes.append(.success(try place(pending.prepared, &state)))
                } catch {
                    outcomes.append(.failure(error))
                }
            }
            do throws(StoreError) {
                try finishGroup(&state)
            } catch {
                // Which of the group's bytes reached the disk is not known, so that no outcome that
                // depends on them may be told: not a success, and not a conflict with one of them.
                outcomes = group.map { _ in Result<CommitReceipt, StoreError>.failure(error) }
            }
            metrics.recordCommits(count: group.count)
            for (pending, outcome) in zip(group, outcomes) { pending.finish(outcome) }
        }
    }

    /// Writes what the group placed, makes its promise hold and lets readers see it.
    private func finishGroup(_ state: inout State) throws(StoreError) {
        if let failure = state.failure { throw failure }
        try write(&state)
        if state.isDirty, case .commit = configuration.durability { try sync(&state) }
        published.publish(state.nextPosition - 1)
    }

    /// Judges a commit and, when it is new, gives it its place in the buffer and the index.
    private func place(_ prepared: PreparedCommit, _ state: inout State) throws(StoreError) -> CommitReceipt {
        if let failure = state.failure { throw failure }
        if state.isClosed { throw .closedLog }
        if case .isRepetition(let receipt) = try judge(prepared, &state) { return receipt }
        try makeRoom(for: prepared.frameSizeMax, &state)
        guard let segment = state.segment else { throw .closedLog }

        let header = segment.header
        let offset = state.tailOffset
        let start = state.buffer.count
        let first = state.nextPosition
        state.lastTime = max(state.lastTime, configuration.clock.now().microsecondsSince1970)
        FrameHeader.begin(
            &state.buffer, codec: prepared.codec, epoch: state.epoch, nextPosition: first,
            durablePosition: state.syncedPosition, in: header)
        state.buffer.zigzag(state.lastTime &- header.baseTime)
        state.buffer.varint(prepared.ids.count)
        state.buffer.varint(prepared.streams.count)
        var versions: [AggregateID: Version] = [:]
        var placed: [StreamEntry] = []
        placed.reserveCapacity(prepared.streams.count)
        for var stream in prepared.streams {
            stream.previousVersion = try contents.aggregate(stream.id)?.entry.version ?? 0
            stream.encode(to: &state.buffer, isOnly: prepared.streams.count == 1)
            placed.append(stream)
            if stream.eventCount > 0 { versions[AggregateID(stream.id.uuid)] = Version(stream.version) }
        }
        for id in prepared.ids { state.buffer.identifier(id) }
        if prepared.codec != .none { state.buffer.varint(prepared.rawSize) }
        prepared.body.withUnsafeBytes { state.buffer.bytes($0) }
        FrameHeader.finish(&state.buffer, kind: .commit, from: start, at: offset, in: header)

        let size = state.buffer.count - start
        let last = first + UInt64(prepared.ids.count) - 1
        let (time, epoch, durable) = (state.lastTime, state.epoch, state.syncedPosition)
        contents.withActiveIndex { index in
            index.beginCommit(offset: offset, firstPosition: first)
            for stream in placed { index.addStream(stream, offset: offset, firstPosition: first) }
            for id in prepared.ids { index.addEventID(id, offset: offset) }
            index.coverage.endOffset = offset + size
            index.coverage.nextPosition = last + 1
            index.coverage.lastTime = time
            index.coverage.epoch = epoch
            index.coverage.durablePosition = max(index.coverage.durablePosition, durable)
            index.coverage.frameCount += 1
        }
        state.tailOffset += size
        state.nextPosition = last + 1
        state.frameCount += 1
        return CommitReceipt(
            firstPosition: Position(first), lastPosition: Position(last), versions: versions,
            wasStoredBefore: false)
    }

    // MARK: Writing and syncing

    /// Writes the buffer to the segment. Nothing is durable on return.
    func write(_ state: inout State) throws(StoreError) {
        guard let segment = state.segment, state.buffer.count > 0 else { return }
        let offset = state.bufferOffset
        do throws(DiskError) {
            try state.buffer.withBytes { (bytes) throws(DiskError) in try segment.write(bytes, at: offset) }
        } catch {
            throw latch(error, "write to segment \(segment.header.number)", &state)
        }
        metrics.recordWrite(byteCount: state.buffer.count)
        state.isDirty = true
        state.bufferOffset += state.buffer.count
        state.buffer.removeAll(keepingCapacityUpTo: Self.bufferBytesMax)
    }

    /// Makes everything written durable.
    func sync(_ state: inout State) throws(StoreError) {
        guard let segment = state.segment else { return }
        let start = ContinuousClock.now
        do throws(DiskError) {
            try segment.sync()
        } catch {
            throw latch(error, "sync segment \(segment.header.number)", &state)
        }
        metrics.recordSync(ContinuousClock.now - start)
        state.isDirty = false
        // Frames in the buffer are not written, and the group's promise is not given yet.
        if state.buffer.count == 0 { state.syncedPosition = state.nextPosition - 1 }
    }

    /// Refuses all further appends: after a failed write or sync nobody knows what the disk holds.
    func latch(_ error: DiskError, _ task: String, _ state: inout State) -> StoreError {
        let failure = StoreError(error, doing: task)
        metrics.recordFailure()
        configuration.logger.error("the log takes no more appends: \(failure.message)")
        state.failure = StoreError(
            .latched,
            "An earlier write or sync failed, so the store takes no more appends: close it, solve the cause, and open it again. The cause was: \(failure.message)",
            cause: error)
        return StoreError(
            failure.code,
            failure.message
                + " Whether this commit is stored is not known: open the store again and append it once more under the same event ids.",
            cause: error)
    }

    /// Whether something was written that no sync has made durable yet.
    package var isSyncOwed: Bool { state.withLock { $0.isDirty && $0.failure == nil } }

    /// Syncs what `interval` or `system` durability left unsynced.
    package func sync() {
        state.withLock { state in
            guard state.isDirty, state.failure == nil else { return }
            // A failure is kept in the state, and told to the next one who appends.
            try? sync(&state)
        }
    }

    /// Makes all events up to a position durable, whatever the durability.
    package func makeDurable(through position: UInt64) throws(StoreError) {
        try state.withLock { (state) throws(StoreError) in
            if let failure = state.failure { throw failure }
            if state.syncedPosition < position, state.isDirty { try sync(&state) }
        }
    }

    /// Ends the session: what is written is synced, a close frame says so, and the tail's index is kept
    /// where reading its frames again would take long. No append follows.
    /// - Throws: what kept the writer from it; the log is closed all the same.
    package func close() throws(StoreError) {
        try state.withLock { (state) throws(StoreError) in try closeSession(&state) }
        keepTailIndex()
    }
}
