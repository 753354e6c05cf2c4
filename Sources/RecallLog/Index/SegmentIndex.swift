// The index of a sealed segment: its file where that holds, else made again from the frames. Loaded
// when it is first needed, so that opening a store reads none.

package import Recall
internal import Synchronization

/// Finds frames of a sealed segment.
package final class SegmentIndex: Sendable {
    private enum State: Sendable {
        case unloaded
        case loaded(any FrameIndex)
        /// Some of the segment's frames are damaged, so that what the index does not find may have been there.
        case incomplete(any FrameIndex, DamagedRegion)
    }

    private let file: SegmentFile
    private let layout: any StoreLayout
    /// The first position of the next segment.
    private let successorPosition: UInt64
    private let state: Mutex<State>

    package init(
        _ file: SegmentFile, layout: any StoreLayout, successorPosition: UInt64, loaded: ActiveIndex? = nil
    ) {
        self.file = file
        self.layout = layout
        self.successorPosition = successorPosition
        state = Mutex(loaded.map { .loaded($0) } ?? .unloaded)
    }

    /// The index, and the damage that keeps it from being complete.
    package func load() throws(StoreError) -> (index: any FrameIndex, damage: DamagedRegion?) {
        let (index, damage, isMadeAgain) = try loadOrMake()
        // Kept, so that the next opening need not read the segment for it. Losing it costs time alone.
        if isMadeAgain, damage == nil, !layout.isReadOnly { try? persist() }
        return (index, damage)
    }

    private func loadOrMake() throws(StoreError) -> (any FrameIndex, DamagedRegion?, isMadeAgain: Bool) {
        try state.withLock { (state) throws(StoreError) in
            switch state {
            case .loaded(let index): return (index, nil, false)
            case .incomplete(let index, let damage): return (index, damage, false)
            case .unloaded: break
            }
            if let index = fromFile() {
                state = .loaded(index)
                return (index, nil, false)
            }
            let scan = try SegmentScan(
                file, from: IndexCoverage(startOf: file.header), successorPosition: successorPosition)
            if let damage = scan.damage.first {
                state = .incomplete(scan.index, damage)
                return (scan.index, damage, true)
            }
            state = .loaded(scan.index)
            return (scan.index, nil, true)
        }
    }

    private func fromFile() -> IndexFile? {
        guard let map = layout.openIndex(ofSegment: file.header.number),
            let index = try? IndexFile(map, of: file.header),
            index.coverage.nextPosition == successorPosition
        else { return nil }
        return index
    }

    /// Writes an index that was made from frames to its file and maps it, so that it needs no memory.
    /// A failure leaves the index in memory: it is derived, and made again at the next opening.
    package func persist() throws(StoreError) {
        guard case .loaded(let index) = state.withLock({ $0 }), let active = index as? ActiveIndex else {
            return
        }
        var writer = ByteWriter(capacity: 1 << 20)
        IndexFile.encode(active, of: file.header, to: &writer)
        try writer.withBytes { (bytes) throws(StoreError) in
            try layout.writeIndex(ofSegment: file.header.number, bytes)
        }
        guard let written = fromFile() else { return }
        state.withLock { $0 = .loaded(written) }
    }
}
