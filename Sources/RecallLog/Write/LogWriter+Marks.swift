// How far the log is, said beside its segments: what is missing later is noticed. A mark is written behind what it speaks of, and
// before anything that rests on it is acknowledged.

internal import Recall

extension LogWriter {
    /// Marks what a killed session left, where this one has not appended: from now on its loss is noticed. And a mark that a kill
    /// tore, or that has rotten, is written again, so that there are two.
    func markWhatWasFound(_ state: inout State) throws(StoreError) {
        let isMarked =
            state.segment.map { segment in
                state.mark?.end.map {
                    $0.segmentNumber == segment.header.number && $0.offset == state.tailOffset
                } ?? false
            } ?? true
        guard !isMarked || state.isMarkDamaged else { return }
        // The frames of sessions, too, are what a mark speaks of.
        try secure(&state)
        try sync(&state)
        try writeMark(&state)
    }

    /// Marks the end of the tail, all of which is durable. The mark is durable on return.
    func writeMark(_ state: inout State) throws(StoreError) {
        guard !configuration.sabotages.contains(.skipMark) else { return }
        let (offset, next) = (state.tailOffset, state.nextPosition)
        let end = state.segment.map { segment in
            segment.withBytes { bytes in
                StoreMark.End(of: segment.header, offset: offset, nextPosition: next, bytes)
            }
        }
        let before =
            state.mark
            ?? StoreMark(storeID: storeID, incarnation: header.incarnation, sequence: 0, end: nil)
        let mark = before.next(end)
        do throws(DiskError) { try layout.writeMark(mark) } catch {
            throw latch(error, "mark how far the store has come", &state)
        }
        state.mark = mark
        state.isMarkDamaged = false
    }
}
