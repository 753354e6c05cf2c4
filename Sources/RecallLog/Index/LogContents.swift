// What an open log consists of: its segments in order, the indexes of the sealed ones, and the index of
// the tail that grows with every commit. Shared by the one writer and all readers. A look-up takes the
// lock once; what is sealed it asks without.
//
// The indexes may know frames behind the published position; readers leave those out.

internal import Recall
internal import Synchronization

/// Frames of one segment that list an aggregate.
package struct FrameReferences: Sendable {
    package var file: SegmentFile
    /// Ascending.
    package var offsets: [Int]
}

/// The segments of an open log and their indexes.
package final class LogContents: Sendable {
    struct State: Sendable {
        var sealed: SealedIndexes
        var tail: SegmentFile?
        /// Covers the beginning of the tail; made by a clean close.
        var base: IndexPart?
        var active: ActiveIndex?
        /// Events of the tail that are lost, so that the tail's index does not know who they were of.
        var tailDamage: DamagedRegion?
    }

    let path: String
    let layout: any StoreLayout
    let state: Mutex<State>
    /// Taken by whoever makes an index again, so that it is made once: how often a file was found damaged,
    /// by the segments that it covered.
    let repairs = Mutex<[UInt64: Int]>([:])
    /// Set when the log is closed or given up: merging ends at the next block.
    let isStopping = Atomic<Bool>(false)
    /// Whether sealed segments are rewritten, and which are not to be in this session.
    let isRewriting: Bool
    let declinedSegments = Mutex<Set<UInt64>>([])

    package init(_ recovered: RecoveredLog, in layout: any StoreLayout, isRewriting: Bool = false) {
        path = layout.path
        self.isRewriting = isRewriting
        self.layout = layout
        let files = Array(recovered.segments.dropLast())
        let selection = IndexSelection(
            of: files.map(\.header), endPosition: recovered.tail?.header.firstPosition ?? 1, in: layout)
        if !layout.isReadOnly {
            let tail = recovered.tail?.header.number
            for numbers in selection.unused where tail.map({ numbers != $0 ... $0 }) ?? true {
                layout.deleteIndex(of: numbers)
            }
        }
        let base = recovered.base.map {
            IndexPart($0.header.segmentNumbers, .file($0), isPartial: true)
        }
        state = Mutex(
            State(
                sealed: SealedIndexes(files: files, parts: selection.parts), tail: recovered.tail, base: base,
                active: recovered.active, tailDamage: recovered.lossyDamage))
    }

    // MARK: Changes, by the writer

    /// Adds what `body` adds to the index of the tail.
    package func withActiveIndex(_ body: (inout ActiveIndex) -> Void) {
        state.withLock { state in
            // In place: a copy of the arrays for each commit would cost more than the commit.
            if state.active != nil { body(&state.active!) }
        }
    }

    /// The position behind the last event that the indexes know.
    package var nextPosition: UInt64 { state.withLock { $0.active?.coverage.nextPosition ?? 1 } }

    /// The streams of the tail that at least so many commits list, the most frequent where there are more.
    package func frequentStreams(referenceCountMin: Int, countMax: Int) -> [RawIdentifier] {
        state.withLock {
            $0.active?.frequentStreams(referenceCountMin: referenceCountMin, countMax: countMax) ?? []
        }
    }

    /// Puts a new segment behind the tail, whose index is complete with that, and is in memory until
    /// `keepIndexes` has written it.
    package func begin(_ file: SegmentFile) {
        let sealed = state.withLock { state in
            let sealed = state.tail
            if let tail = sealed {
                let numbers = tail.header.number ... tail.header.number
                var parts = state.base.map { [$0] } ?? []
                if let active = state.active {
                    parts.append(IndexPart(numbers, .memory(FrozenIndex(active)), isPartial: !parts.isEmpty))
                } else {
                    parts = [IndexPart(numbers, .missing)]
                }
                state.sealed = state.sealed.appending(tail, parts)
            }
            state.tail = file
            state.base = nil
            state.active = ActiveIndex(IndexCoverage(startOf: file.header))
            return sealed
        }
        // Its seal is durable: the next segment is begun behind the sync of it.
        sealed?.closeFile()
        // The writer's process keeps indexes in files, which need no memory here.
        if layout.isReadOnly { adoptFiles() }
    }
}
