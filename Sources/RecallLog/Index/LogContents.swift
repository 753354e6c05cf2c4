// What an open log consists of: its segments in order, an index for each sealed one, and the index of
// the tail that grows with every commit. Shared by the one writer and all readers.
//
// The indexes may know frames behind the published position; readers leave those out.

package import Recall
internal import Synchronization

/// Frames of one segment that list an aggregate.
package struct FrameReferences: Sendable {
    package var file: SegmentFile
    /// Ascending.
    package var offsets: [Int]
}

/// The segments of an open log and their indexes.
package final class LogContents: Sendable {
    /// A segment that has a successor.
    private struct Sealed: Sendable {
        var file: SegmentFile
        var index: SegmentIndex
    }

    private struct State: Sendable {
        var sealed: [Sealed] = []
        var tail: SegmentFile?
        /// Covers the beginning of the tail; made by a clean close.
        var base: IndexFile?
        var active: ActiveIndex?
        /// Events of the tail that are lost, so that the tail's index does not know who they were of.
        var tailDamage: DamagedRegion?
    }

    private let path: String
    private let state: Mutex<State>

    package init(_ recovered: RecoveredLog, in layout: any StoreLayout) {
        path = layout.path
        var sealed: [Sealed] = []
        for (file, next) in zip(recovered.segments, recovered.segments.dropFirst()) {
            let index = SegmentIndex(file, layout: layout, successorPosition: next.header.firstPosition)
            sealed.append(Sealed(file: file, index: index))
        }
        state = Mutex(
            State(
                sealed: sealed, tail: recovered.tail, base: recovered.base, active: recovered.active,
                tailDamage: recovered.lossyDamage))
    }

    // MARK: Changes, by the writer

    /// Adds what `body` adds to the index of the tail.
    package func withActiveIndex(_ body: (inout ActiveIndex) -> Void) {
        state.withLock { state in
            // In place: a copy of the arrays for each commit would cost more than the commit.
            if state.active != nil { body(&state.active!) }
        }
    }

    /// Puts a new segment behind the tail, whose index is complete with that.
    /// - Returns: the index of what was the tail, to be written to its file.
    package func begin(
        _ file: SegmentFile, sealing sealedIndex: (SegmentFile, ActiveIndex?) -> SegmentIndex?
    ) -> SegmentIndex? {
        state.withLock { state in
            var made: SegmentIndex?
            if let tail = state.tail {
                // With a base, the active index is not the whole: it is made again from the frames.
                made = sealedIndex(tail, state.base == nil ? state.active : nil)
                if let made { state.sealed.append(Sealed(file: tail, index: made)) }
            }
            state.tail = file
            state.base = nil
            state.active = ActiveIndex(IndexCoverage(startOf: file.header))
            return made
        }
    }

    // MARK: Look-ups

    /// All segments in order.
    package var segments: [SegmentFile] {
        state.withLock { state in state.sealed.map(\.file) + (state.tail.map { [$0] } ?? []) }
    }

    /// An aggregate behind the last frame that lists it; nil where none does.
    /// - Throws: `damaged` where frames that may have listed it are lost.
    package func aggregate(_ id: RawIdentifier) throws(StoreError) -> (
        entry: AggregateEntry, file: SegmentFile
    )? {
        let (entry, parts, damage) = state.withLock { state in
            (
                state.active?.aggregate(id), (tail: state.tail, base: state.base, sealed: state.sealed),
                state.tailDamage
            )
        }
        if let damage { throw damage.error(in: path) }
        if let tail = parts.tail {
            if let entry = entry ?? parts.base?.aggregate(id) { return (entry, tail) }
        }
        for segment in parts.sealed.reversed() {
            let (index, damage) = try segment.index.load()
            // A lost frame may have listed the aggregate behind what the index knows.
            if let damage { throw damage.error(in: path) }
            if let entry = index.aggregate(id) { return (entry, segment.file) }
        }
        return nil
    }

    /// The frames that list an aggregate, by segment, in order.
    package func references(to id: RawIdentifier) throws(StoreError) -> [FrameReferences] {
        let (active, parts, damage) = state.withLock { state in
            let offsets = state.active.flatMap { active in active.aggregate(id).map { active.offsets(of: $0) }
            }
            return (
                offsets ?? [], (tail: state.tail, base: state.base, sealed: state.sealed), state.tailDamage
            )
        }
        if let damage { throw damage.error(in: path) }
        var result: [FrameReferences] = []
        for segment in parts.sealed {
            let (index, damage) = try segment.index.load()
            if let damage { throw damage.error(in: path) }
            guard let entry = index.aggregate(id) else { continue }
            result.append(FrameReferences(file: segment.file, offsets: index.offsets(of: entry)))
        }
        if let tail = parts.tail {
            let before = parts.base.flatMap { base in base.aggregate(id).map { base.offsets(of: $0) } } ?? []
            if !before.isEmpty || !active.isEmpty {
                result.append(FrameReferences(file: tail, offsets: before + active))
            }
        }
        return result
    }

    /// Whether frames may hold any of some event ids: asked of every commit, and nearly always answered
    /// with no, without an allocation.
    package func mayHold(_ ids: [RawIdentifier]) throws(StoreError) -> Bool {
        let (isFound, base, sealed) = state.withLock { state in
            (ids.contains { state.active?.ids.contains($0.fingerprint) ?? false }, state.base, state.sealed)
        }
        if isFound { return true }
        if let base, ids.contains(where: { base.mayHold($0.fingerprint) }) { return true }
        for segment in sealed {
            let (index, damage) = try segment.index.load()
            if let damage { throw damage.error(in: path) }
            if ids.contains(where: { index.mayHold($0.fingerprint) }) { return true }
        }
        return false
    }

    /// The frames that may hold an event id.
    package func candidates(for id: RawIdentifier) throws(StoreError) -> [FrameReferences] {
        let fingerprint = id.fingerprint
        var offsets: [Int] = []
        let parts = state.withLock { state in
            state.active?.forEachOffset(of: fingerprint) { offsets.append(Int($0)) }
            return (tail: state.tail, base: state.base, sealed: state.sealed)
        }
        var result: [FrameReferences] = []
        if let tail = parts.tail {
            parts.base?.forEachOffset(of: fingerprint) { offsets.append(Int($0)) }
            if !offsets.isEmpty { result.append(FrameReferences(file: tail, offsets: offsets)) }
        }
        for segment in parts.sealed {
            let (index, damage) = try segment.index.load()
            if let damage { throw damage.error(in: path) }
            var found: [Int] = []
            index.forEachOffset(of: fingerprint) { found.append(Int($0)) }
            if !found.isEmpty { result.append(FrameReferences(file: segment.file, offsets: found)) }
        }
        return result
    }

    /// Where reading towards a position begins: the offset of a frame at or before it in its segment.
    package func offset(before position: UInt64, in file: SegmentFile) -> Int {
        let found = state.withLock { state -> (Int?, SegmentIndex?) in
            if state.tail === file {
                return (state.active?.offset(before: position) ?? state.base?.offset(before: position), nil)
            }
            return (nil, state.sealed.first { $0.file === file }?.index)
        }
        if let offset = found.0 { return offset }
        guard position > file.header.firstPosition, let index = try? found.1?.load().index else {
            return file.header.framesOffset
        }
        return index.offset(before: position) ?? file.header.framesOffset
    }

    /// How many aggregates the indexes know, each counted once.
    package func aggregateCount() throws(StoreError) -> Int {
        let (active, parts) = state.withLock { ($0.active, (base: $0.base, sealed: $0.sealed)) }
        if parts.sealed.isEmpty, parts.base == nil { return active?.aggregateCount ?? 0 }
        var ids = Set<RawIdentifier>()
        for segment in parts.sealed { try segment.index.load().index.forEachAggregate { ids.insert($0.id) } }
        parts.base?.forEachAggregate { ids.insert($0.id) }
        active?.forEachAggregate { ids.insert($0.id) }
        return ids.count
    }

    /// The position behind the last event that the indexes know.
    package var nextPosition: UInt64 { state.withLock { $0.active?.coverage.nextPosition ?? 1 } }

    /// The streams of the tail that at least so many commits list, the most frequent where there are more.
    package func frequentStreams(referenceCountMin: Int, countMax: Int) -> [RawIdentifier] {
        state.withLock {
            $0.active?.frequentStreams(referenceCountMin: referenceCountMin, countMax: countMax) ?? []
        }
    }

    /// The tail and its index in memory, with how many frames its index file covers already.
    package var tailIndex: (file: SegmentFile, hasBase: Bool, coveredFrameCount: Int, active: ActiveIndex)? {
        state.withLock { state in
            guard let tail = state.tail, let active = state.active else { return nil }
            return (tail, state.base != nil, state.base?.coverage.frameCount ?? 0, active)
        }
    }
}
