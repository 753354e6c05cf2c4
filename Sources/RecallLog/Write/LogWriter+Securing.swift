// What an earlier session left is made durable before anything rests on it. A process that was killed, or that a failed
// sync ended, leaves frames, names and seals that may be with the system only; after a failed sync even a later
// sync that succeeds does not write them, because some systems take them for written. So the bytes that nothing
// proves to be durable are written once more, as they are, and synced with the names that lead to them.

package import Recall
internal import Synchronization

extension LogWriter {
    /// Makes durable what opening found, where readers and repeated commits are to see only what is.
    package func secureWhatWasFound() throws(StoreError) {
        try state.withLock { (state) throws(StoreError) in
            if state.segment == nil { return try secure(&state) }
            guard case .commit = configuration.durability, state.syncedPosition < state.nextPosition - 1
            else { return }
            try secure(&state)
            try sync(&state)
            published.publish(state.nextPosition - 1)
        }
    }

    /// Writes again what opening found and nothing proves to be durable. The caller syncs it.
    func secure(_ state: inout State) throws(StoreError) {
        guard !state.isSecured else { return }
        do throws(DiskError) { try layout.syncNames() } catch {
            throw latch(error, "make the store durable", &state)
        }
        state.isSecured = true
        guard let segment = state.segment else { return }
        do throws(DiskError) {
            let first = firstOffset(behind: state.syncedPosition, in: segment, before: state.tailOffset)
            let end = state.tailOffset
            try segment.withBytes { (bytes) throws(DiskError) in
                try segment.write(bytes.extracting(first ..< end), at: first)
            }
        } catch {
            throw latch(error, "make segment \(segment.header.number) durable", &state)
        }
        state.isDirty = true
    }

    /// Whether opening found commits that nothing proves to be durable, and nothing has made durable since.
    func isSecuringOwed(_ state: borrowing State) -> Bool {
        state.segment != nil && !state.isSecured && state.syncedPosition < state.nextPosition - 1
    }

    /// Where the first frame begins that holds, or stands behind, the events behind a position.
    private func firstOffset(behind position: UInt64, in segment: SegmentFile, before end: Int) -> Int {
        var offset = min(contents.offset(before: position + 1, in: segment), end)
        segment.withBytes { bytes in
            while offset < end,
                let frame = try? FrameHeader.decode(bytes, at: offset, in: segment.header, isChecked: false),
                frame.nextPosition <= position
            {
                offset = min(frame.endOffset, end)
            }
        }
        return offset
    }
}
