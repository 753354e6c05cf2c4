// How frames get to the disk, and when they are durable. Any failure latches the writer: nobody knows then what the
// disk holds, and a sync that failed is never tried again as if it could succeed.

internal import Logging
package import Recall
internal import Synchronization

extension LogWriter {
    /// Writes the buffer to the segment. Nothing is durable on return.
    func write(_ state: inout State) throws(StoreError) {
        guard let segment = state.segment, state.buffer.count > 0 else { return }
        let offset = state.bufferOffset
        do throws(DiskError) {
            try writeAhead(upTo: offset + state.buffer.count, of: segment, &state)
            if let store = state.store {
                try state.buffer.withBytes { (bytes) throws(DiskError) in try store.write(bytes, at: offset) }
            } else {
                let isHalf =
                    configuration.sabotages.contains(.writeHalfOfLargeGroup) && state.buffer.count > 4096
                try state.buffer.withBytes { (bytes) throws(DiskError) in
                    try segment.write(isHalf ? bytes.extracting(first: 2048) : bytes, at: offset)
                }
            }
        } catch {
            throw latch(error, "write to segment \(segment.header.number)", &state)
        }
        metrics.recordWrite(byteCount: state.buffer.count)
        state.isDirty = true
        state.bufferOffset += state.buffer.count
        state.buffer.removeAll(keepingCapacityUpTo: Self.bufferBytesMax)
    }

    /// Writes zeros ahead of what is appended, some at a time: a block that was written before is synced without a
    /// change of the file system's own records, which would cost each sync a second write.
    private func writeAhead(
        upTo end: Int, of segment: SegmentFile, _ state: inout State
    ) throws(DiskError) {
        let step = configuration.writeAheadBytes
        guard !isStoring, step > 0, end > state.writtenEnd else { return }
        // Aligned, so that only whole blocks are written, and none twice.
        let target = min(segment.header.capacity, (end / step + 1) * step)
        try segment.writeZeros(from: max(state.bufferOffset, state.writtenEnd), to: target)
        state.writtenEnd = target
    }

    /// Makes everything written durable.
    func sync(_ state: inout State) throws(StoreError) {
        guard let segment = state.segment else { return }
        let start = ContinuousClock.now
        do throws(DiskError) {
            try segment.sync()
        } catch {
            if !configuration.sabotages.contains(.ignoreFailedSync) {
                throw latch(error, "sync segment \(segment.header.number)", &state)
            }
        }
        metrics.recordSync(ContinuousClock.now - start)
        state.isDirty = false
        try checkPlace(&state)
        // Frames in the buffer are not written, and the group's promise is not given yet.
        if state.buffer.count == 0 { state.syncedPosition = state.nextPosition - 1 }
    }

    /// Throws, and latches, where what was opened is no longer what the store's names lead to: what was just synced is durable then
    /// where nobody will look for it.
    func checkPlace(_ state: inout State) throws(StoreError) {
        state.groupsSincePlaceCheck = 0
        state.placeCheckTime = state.lastTime
        if configuration.sabotages.contains(.trustNames) { return }
        let place = layout.place(tail: state.segment)
        if place == .moved, !state.isMoveNoted {
            state.isMoveNoted = true
            configuration.logger.warning(
                "the store that was opened at \(layout.path) was moved away; what is appended goes where it is now"
            )
        }
        guard let failure = StoreError(place, path: layout.path) else { return }
        throw latch(failure, cause: failure, "The store is not where it was", &state)
    }

    /// The same where no sync is waited for: at least each second, and each so many groups, whatever the clock says.
    func checkPlaceNowAndThen(_ state: inout State) throws(StoreError) {
        state.groupsSincePlaceCheck += 1
        let (elapsed, isFar) = state.lastTime.subtractingReportingOverflow(state.placeCheckTime)
        guard
            isFar || elapsed.magnitude >= Self.placeCheckMicroseconds
                || state.groupsSincePlaceCheck >= Self.placeCheckGroupCount
        else { return }
        try checkPlace(&state)
    }

    /// Refuses all further appends: after a failed write or sync nobody knows what the disk holds.
    /// - Returns: what those are told whose commits were on their way.
    func latch(_ error: DiskError, _ task: String, _ state: inout State) -> StoreError {
        latch(StoreError(error, doing: task), cause: error, "An earlier write or sync failed", &state)
    }

    /// - Parameter what: the beginning of the sentence that later callers are told.
    func latch(
        _ failure: StoreError, cause: any Error, _ what: String, _ state: inout State
    ) -> StoreError {
        metrics.recordFailure()
        if configuration.sabotages.contains(.resumeAfterFailure) { return failure }
        configuration.logger.error("the log takes no more appends: \(failure.message)")
        state.failure = StoreError(
            .latched,
            "\(what), so the store takes no more appends: close it, solve the cause, and open it again. The cause was: \(failure.message)",
            cause: cause)
        let uncertainty = StoreError(
            failure.code,
            failure.message
                + " Whether this commit is stored is not known: open the store again and append it once more under the same event ids.",
            cause: cause)
        state.uncertainty = uncertainty
        return uncertainty
    }

    /// Whether something was written, in this session or in the one before it, that no sync has made durable yet.
    package var isSyncOwed: Bool { state.withLock { isSyncOwed($0) } }

    private func isSyncOwed(_ state: borrowing State) -> Bool {
        state.failure == nil && (state.isDirty || isSecuringOwed(state))
    }

    /// Syncs what `interval` or `system` durability left unsynced.
    package func sync() {
        state.withLock { state in
            guard isSyncOwed(state) else { return }
            // A failure is kept in the state, and told to the next one who appends.
            try? payOwed(&state)
        }
    }

    /// Makes durable what was written and what opening found.
    func payOwed(_ state: inout State) throws(StoreError) {
        if isSecuringOwed(state) { try secure(&state) }
        if state.isDirty { try sync(&state) }
    }

    /// Makes all events up to a position durable, whatever the durability.
    package func makeDurable(through position: UInt64) throws(StoreError) {
        try state.withLock { (state) throws(StoreError) in
            if let failure = state.failure { throw failure }
            guard state.syncedPosition < position,
                !configuration.sabotages.contains(.saveSnapshotOfUndurableEvents)
            else { return }
            try payOwed(&state)
        }
    }
}
