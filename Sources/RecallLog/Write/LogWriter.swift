// The one writer. For each group of commits it does what docs/format.md and the design call the life
// of a commit, top to bottom in `process`: judge, place, write, sync, publish, answer.
//
// Invariants: positions and versions have no gaps; nothing is published before its promise holds;
// after a failed write or sync nothing is appended until the log is opened again.

internal import Logging
package import Recall
package import RecallThreads
internal import Synchronization

/// Appends commits. Whoever holds the writer's role in the commit queue uses it, one at a time.
package final class LogWriter: Sendable {
    /// What the writer knows and nobody else may change.
    struct State: ~Copyable {
        var segment: SegmentFile?
        /// The tail as memory, where commits are stored and not synced.
        var store: (any DiskMap)?
        /// Where the next frame goes: behind all frames, those in the buffer among them.
        var tailOffset = 0
        var nextPosition: UInt64 = 1
        var epoch: UInt32 = 0
        /// Whether frames may be placed: this session's epoch is durable in the segment.
        var isSessionOpen = false
        var isTailSealed = false
        /// Whether opening found an index of the tail that says something else than its frames.
        var isTailIndexIgnored = false
        /// Whether what opening found is written for certain, and its names are durable.
        var isSecured = false
        /// The last position that a sync has made durable.
        var syncedPosition: UInt64 = 0
        /// When it was last looked whether the store is still where it was opened, and how many groups came since.
        var placeCheckTime: Int64 = .min
        var groupsSincePlaceCheck = 0
        var isMoveNoted = false
        /// Something was written since the last sync.
        var isDirty = false
        /// What the clock said at the last commit or session frame, be it earlier than before: order is the position's matter.
        var lastTime: Int64 = .min
        /// What the file `store` says of how far the log is.
        var mark: StoreMark?
        /// Whether one of the two was found not to hold. It is the one that is written next.
        var isMarkDamaged = false
        /// Whether it was said that the clock went back: once a session.
        var isClockNoted = false
        var frameCount = 0
        /// The watermark that a frame of the segment stated last, and how many have stated none since.
        var statedPosition: UInt64 = 0
        var unstatedCount = 0
        /// The streams that the dictionary of the segment numbers.
        var numbers = StreamNumbers()
        var gauge = CompressionGauge(hasDictionary: false)
        /// Behind this offset, the segment may have blocks that were never written.
        var writtenEnd = 0
        /// Frames that are not written yet; the first goes to `bufferOffset`.
        var buffer = ByteWriter(capacity: 64 << 10)
        /// The beginning of a frame, until its size is known.
        var head = ByteWriter(capacity: 4096)
        var bufferOffset = 0
        /// Where the frames begin in the tail that no reader may see yet.
        var groupOffset = 0
        /// What is told to whoever appends after a failure, and what to those whose commits were on their way.
        var failure: StoreError?
        var uncertainty: StoreError?
        var isClosed = false
        /// What stands behind the end that opening found, until it is copied, and what it is then.
        var behindEnd: TailRest?
        var keptTail: KeptTail?
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
    let lock: StoreLock
    let header: StoreHeader
    let state: Mutex<State>
    let callersDictionary = Mutex<PreparedDictionary?>(nil)
    /// Whether commits are stored in mapped memory: those that no sync is waited for.
    let isStoring: Bool

    /// What callers compress with: the dictionary of the tail, where it has one.
    package var dictionary: PreparedDictionary? { callersDictionary.withLock { $0 } }

    /// How long commits are acknowledged at most without a look at whether the store is still there, in microseconds of the log's
    /// clock, and for how many groups of them.
    static let placeCheckMicroseconds: UInt64 = 1_000_000
    static let placeCheckGroupCount = 256

    /// The buffer keeps at most this much memory between groups.
    static let bufferBytesMax = 4 << 20

    package init(
        _ recovered: RecoveredLog, contents: LogContents, layout: any StoreLayout,
        published: PublishedPosition, configuration: LogConfiguration, housekeeping: BlockingPool,
        lock: StoreLock, marks: StoreMarks
    ) {
        self.lock = lock
        header = recovered.header
        self.contents = contents
        self.layout = layout
        self.published = published
        self.configuration = configuration
        self.housekeeping = housekeeping
        reader = LogReader(contents: contents, path: layout.path)
        storeID = recovered.header.storeID
        metrics = LogMetrics()
        isStoring = configuration.durability != .commit
        var state = State()
        state.segment = recovered.tail
        state.tailOffset = recovered.chain?.offset ?? 0
        if configuration.sabotages.contains(.cutTailLate) { state.tailOffset += 8 }
        state.bufferOffset = state.tailOffset
        state.nextPosition = recovered.nextPosition
        if configuration.sabotages.contains(.repeatPosition), state.nextPosition > 1 {
            state.nextPosition -= 1
        }
        state.epoch = recovered.epoch
        state.isTailSealed = recovered.isTailSealed
        state.isTailIndexIgnored = recovered.isTailIndexIgnored
        state.behindEnd = recovered.behindEnd
        // What recovery found is not known to be durable until the session's first sync; the highest
        // watermark that was found is.
        state.syncedPosition = recovered.durablePosition
        state.lastTime = recovered.lastTime
        state.mark = marks.newest
        state.isMarkDamaged = !marks.damagedCopies.isEmpty
        state.frameCount = recovered.frameCount
        self.state = Mutex(state)
    }

    // MARK: The life of a commit

    /// Appends a group of commits and leaves with each its outcome.
    func process(_ group: PendingList) {
        state.withLock { state in
            let wasLatched = state.failure != nil
            if !wasLatched { state.groupOffset = state.tailOffset }
            var count = 0
            group.forEach { pending in
                count += 1
                do throws(StoreError) {
                    pending.outcome = try pending.withPrepared { (prepared) throws(StoreError) in
                        try place(&prepared, &state)
                    }
                } catch {
                    pending.outcome = .failed(error)
                }
            }
            do throws(StoreError) {
                try finishGroup(&state)
            } catch {
                // Which of the group's bytes reached the disk is not known, so that no outcome that
                // depends on them may be told: not a success, not a conflict with one of them, and not that nothing
                // was written.
                let told = wasLatched ? error : state.uncertainty ?? error
                group.forEach { $0.outcome = .failed(told) }
            }
            metrics.recordCommits(count: count)
        }
    }

    /// Writes what the group placed, makes its promise hold and lets readers see it.
    private func finishGroup(_ state: inout State) throws(StoreError) {
        if let failure = state.failure { throw failure }
        if configuration.sabotages.contains(.publishBeforeDurable) {
            published.publish(state.nextPosition - 1)
        }
        try write(&state)
        if state.isDirty, case .commit = configuration.durability,
            !configuration.sabotages.contains(.acknowledgeBeforeSync)
        {
            try sync(&state)
        } else {
            try checkPlaceNowAndThen(&state)
        }
        published.publish(state.nextPosition - 1)
    }

    /// Judges a commit and, when it is new, gives it its place in the buffer and the index.
    private func place(
        _ prepared: inout PreparedCommit, _ state: inout State
    ) throws(StoreError) -> PendingCommit.Outcome {
        if let failure = state.failure { throw failure }
        if state.isClosed { throw .closedLog }
        let mayBeStored = try contents.find(prepared.ids, &prepared.streams.entries)
        if configuration.sabotages.contains(.indexRefusedCommit) {
            index(prepared, state.nextPosition, offset: state.tailOffset, size: 0, state)
        }
        if let receipt = try judge(prepared, mayBeStored: mayBeStored, &state) { return .repeated(receipt) }
        try makeRoom(for: prepared.frameSizeMax, &state)
        guard let segment = state.segment else { throw .closedLog }
        let header = segment.header
        if configuration.isCompressing, !prepared.body.fits(segmentNumber: header.number) {
            prepared.body.compress(dictionary, effort: .fast)
        }
        readClock(&state)
        let offset = state.tailOffset
        let first = state.nextPosition
        let size = encode(prepared, at: offset, in: header, &state)
        let next = first + UInt64(prepared.ids.count)
        index(prepared, first, offset: offset, size: size, state)
        state.gauge.add(rawSize: prepared.body.rawSize, storedSize: prepared.body.storedSize)
        state.tailOffset += size
        state.nextPosition = next
        state.frameCount += 1
        return .stored(first)
    }

    /// Lets the index of the tail know a commit. Readers do not look behind the published position.
    private func index(
        _ prepared: borrowing PreparedCommit, _ first: UInt64, offset: Int, size: Int,
        _ state: borrowing State
    ) {
        contents.withActiveIndex { index in
            index.unpublishedOffset = state.groupOffset
            index.beginCommit(offset: offset, firstPosition: first)
            for stream in prepared.streams.entries {
                index.addStream(stream, offset: offset, firstPosition: first)
            }
            for id in prepared.ids { index.addEventID(id, offset: offset) }
            index.coverage.endOffset = offset + size
            index.coverage.nextPosition = first + UInt64(prepared.ids.count)
            index.coverage.lastTime = state.lastTime
            index.coverage.epoch = state.epoch
            index.coverage.durablePosition = max(index.coverage.durablePosition, state.syncedPosition)
            index.coverage.frameCount += 1
        }
    }

    /// Appends the frame of a commit to the buffer.
    /// - Returns: its size in bytes.
    private func encode(
        _ prepared: borrowing PreparedCommit, at offset: Int, in header: SegmentHeader, _ state: inout State
    ) -> Int {
        let watermark = nextWatermark(&state)
        let body = prepared.body.codec
        state.head.removeAll()
        FrameHeader.encode(
            epoch: state.epoch, nextPosition: state.nextPosition, watermark: watermark, in: header,
            to: &state.head)
        CommitHeader.encode(
            time: state.lastTime, prepared.streams.entries, numbers: state.numbers, ids: prepared.ids,
            rawSize: body == .none ? nil : prepared.body.rawSize, in: header, to: &state.head)

        return FrameHeader.append(
            to: &state.buffer, kind: .commit, codec: body, isSimple: prepared.isSimple, watermark: watermark,
            nextPosition: state.nextPosition, head: state.head, bodySize: prepared.body.storedSize,
            at: offset,
            in: header
        ) { prepared.body.write(to: &$0) }
    }

    /// What the next frame states of what is durable: always something, unless it is far back, has not moved and
    /// was stated shortly before. So no damage of a few frames hides it.
    func nextWatermark(_ state: inout State) -> DurableWatermark {
        if configuration.sabotages.contains(.stateUndurableWatermark) {
            return .position(state.nextPosition - 1)
        }
        let lag = state.nextPosition - 1 - state.syncedPosition
        if lag > Format.shortLagMax, state.statedPosition == state.syncedPosition,
            state.unstatedCount < Format.unstatedWatermarkCountMax
        {
            state.unstatedCount += 1
            return .none
        }
        state.statedPosition = state.syncedPosition
        state.unstatedCount = 0
        return .position(state.syncedPosition)
    }

    /// Ends the session: what is written is synced, a close frame says so, and the tail's index is kept
    /// where reading its frames again would take long. No append follows.
    /// - Throws: what kept the writer from it; the log is closed all the same.
    package func close() throws(StoreError) {
        let isDurable = try state.withLock { (state) throws(StoreError) in
            try closeSession(&state)
            return state.syncedPosition + 1 >= state.nextPosition
        }
        // An index is believed to be of frames that are durable.
        if isDurable { keepTailIndex() }
    }
}
