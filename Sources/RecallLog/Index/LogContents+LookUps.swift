// Look-ups over all indexes of a log, the newest first. What a commit asks for is answered from memory
// and a line of each file's filter: nothing is allocated, and the lock is taken once.

package import Recall
internal import Synchronization

extension LogContents {
    /// All segments in order.
    package var segments: [SegmentFile] {
        state.withLock { state in
            guard let tail = state.tail else { return state.sealed.files }
            return state.sealed.files + [tail]
        }
    }

    /// An aggregate behind the last frame that lists it; nil where none does.
    /// - Throws: `damaged` where frames that may have listed it are lost.
    package func aggregate(_ id: RawIdentifier) throws(StoreError) -> (
        entry: AggregateEntry, isInTail: Bool
    )? {
        while true {
            let (entry, sealed, base, damage) = state.withLock {
                ($0.active?.aggregate(id), $0.sealed, $0.base, $0.tailDamage)
            }
            if let damage { throw damage.error(in: path) }
            if let entry { return (entry, true) }
            let failure: IndexPartFailure
            do throws(IndexPartFailure) {
                return try Self.sealedAggregate(id, sealed, base)
            } catch { failure = error }
            try mend(failure)
        }
    }

    /// What the writer asks for every commit, in one go: the versions of its streams, and whether its ids are new.
    /// Nothing is allocated, and the lock is taken once.
    /// - Parameter streams: get the version before the commit.
    /// - Returns: whether frames may hold any of the ids.
    func find(_ ids: [RawIdentifier], _ streams: inout [StreamEntry]) throws(StoreError) -> Bool {
        var unknownCount = 0
        let (isFound, sealed, base, damage) = state.withLock { state in
            for index in streams.indices {
                let known = state.active?.aggregate(streams[index].id)
                streams[index].previousVersion = known?.version ?? 0
                if known == nil { unknownCount += 1 }
            }
            let isFound = ids.contains { state.active?.mayHold($0) ?? false }
            return (isFound, state.sealed, state.base, state.tailDamage)
        }
        if let damage { throw damage.error(in: path) }
        if base == nil, sealed.parts.isEmpty { return isFound }
        do throws(IndexPartFailure) {
            if unknownCount > 0 {
                for index in streams.indices where streams[index].previousVersion == 0 {
                    let known = try Self.sealedAggregate(streams[index].id, sealed, base)?.entry
                    streams[index].previousVersion = known?.version ?? 0
                }
            }
            if isFound { return true }
            return try Self.isSealed(ids, sealed, base)
        } catch {
            // An index that has to be made again: asked once more, each on its own, they are.
            for index in streams.indices {
                streams[index].previousVersion = try aggregate(streams[index].id)?.entry.version ?? 0
            }
            return try mayHold(ids)
        }
    }

    private static func sealedAggregate(
        _ id: RawIdentifier, _ sealed: SealedIndexes, _ base: IndexPart?
    ) throws(IndexPartFailure) -> (entry: AggregateEntry, isInTail: Bool)? {
        if let entry = try base?.aggregate(id) { return (entry, true) }
        var index = sealed.parts.count
        while index > 0 {
            index -= 1
            if let entry = try sealed.parts[index].aggregate(id) { return (entry, false) }
        }
        return nil
    }

    /// Whether frames that are not in the index in memory may hold any of some event ids.
    private static func isSealed(
        _ ids: [RawIdentifier], _ sealed: SealedIndexes, _ base: IndexPart?
    ) throws(IndexPartFailure) -> Bool {
        if try base?.mayHold(ids) ?? false { return true }
        var index = sealed.parts.count
        while index > 0 {
            index -= 1
            if try sealed.parts[index].mayHold(ids) { return true }
        }
        return false
    }

    /// The frames that list an aggregate, by segment, in order. Of those behind the published position some may be
    /// missing: all that may not be written yet.
    package func references(
        to id: RawIdentifier, published: UInt64 = .max
    ) throws(StoreError) -> [FrameReferences] {
        while true {
            let (active, sealed, tail, base, damage) = state.withLock {
                (
                    $0.active?.offsets(of: id, published: published) ?? [], $0.sealed, $0.tail, $0.base,
                    $0.tailDamage
                )
            }
            if let damage { throw damage.error(in: path) }
            var result = ReferenceList()
            let failure: IndexPartFailure
            do throws(IndexPartFailure) {
                for part in sealed.parts {
                    // A lost frame may have listed the aggregate, whatever the index knows.
                    try part.forEachReference(to: id) { result.add(sealed.file($0), $1) }
                }
                try base?.forEachReference(to: id) { result.add(tail, $1) }
                for offset in active { result.add(tail, offset) }
                return result.items
            } catch { failure = error }
            try mend(failure)
        }
    }

    /// Whether frames may hold any of some event ids: asked of every commit, and nearly always answered
    /// with no, without an allocation.
    package func mayHold(_ ids: [RawIdentifier]) throws(StoreError) -> Bool {
        while true {
            let (isFound, sealed, base) = state.withLock { state in
                (ids.contains { state.active?.mayHold($0) ?? false }, state.sealed, state.base)
            }
            if isFound { return true }
            let failure: IndexPartFailure
            do throws(IndexPartFailure) {
                return try Self.isSealed(ids, sealed, base)
            } catch { failure = error }
            try mend(failure)
        }
    }

    /// The frames that may hold an event id.
    package func candidates(for id: RawIdentifier) throws(StoreError) -> [FrameReferences] {
        while true {
            let (active, sealed, tail, base) = state.withLock {
                ($0.active?.offsets(ofFingerprint: id.fingerprint) ?? [], $0.sealed, $0.tail, $0.base)
            }
            var result = ReferenceList()
            let failure: IndexPartFailure
            do throws(IndexPartFailure) {
                for offset in active { result.add(tail, offset) }
                try base?.forEachCandidate(for: id) { result.add(tail, $1) }
                for part in sealed.parts.reversed() {
                    try part.forEachCandidate(for: id) { result.add(sealed.file($0), $1) }
                }
                return result.items
            } catch { failure = error }
            try mend(failure)
        }
    }

    /// Where reading towards a position begins: the offset of a frame at or before it in its segment.
    package func offset(before position: UInt64, in file: SegmentFile) -> Int {
        let start = file.header.framesOffset
        guard position > file.header.firstPosition else { return start }
        let number = file.header.number
        while true {
            let (isTail, active, sealed, base) = state.withLock {
                state -> (Bool, Int?, SealedIndexes, IndexPart?) in
                guard state.tail === file else { return (false, nil, state.sealed, nil) }
                return (true, state.active?.offset(before: position), state.sealed, state.base)
            }
            if let active { return active }
            // What the indexes know of a segment that was rewritten meanwhile are places in its new file.
            guard isTail || sealed.file(number) === file else { return start }
            let failure: IndexPartFailure
            do throws(IndexPartFailure) {
                if isTail { return try base?.offset(before: position, inSegment: number) ?? start }
                let last = partitionIndex(of: sealed.parts.count) {
                    sealed.parts[$0].segmentNumbers.lowerBound > number
                }
                var index = last
                while index > 0, sealed.parts[index - 1].segmentNumbers.contains(number) {
                    index -= 1
                    let found = try sealed.parts[index].offset(before: position, inSegment: number)
                    if let found { return found }
                }
                return start
            } catch { failure = error }
            // Without an index, reading begins at the first frame.
            do throws(StoreError) { try mend(failure) } catch { return start }
        }
    }

    /// How many aggregates the indexes know, each counted once.
    package func aggregateCount() throws(StoreError) -> Int {
        while true {
            let (active, sealed, base) = state.withLock { ($0.active, $0.sealed, $0.base) }
            let parts = sealed.parts + (base.map { [$0] } ?? [])
            if parts.isEmpty { return active?.aggregateCount ?? 0 }
            if let part = parts.first(where: { if case .missing = $0.content { true } else { false } }) {
                try repair(part)
                continue
            }
            // What is known of a damaged segment counts.
            let inputs = parts.compactMap { part -> IndexInput? in
                if case .incomplete(let frozen, _) = part.content { return .memory(frozen) }
                return part.input
            }
            do throws(IndexBuildError) {
                var merge = try AggregateMerge(inputs + (active.map { [.active($0)] } ?? []))
                var count = 0
                while try merge.advance() { count += 1 }
                return count
            } catch {
                guard case .damaged(let input, _) = error, input < parts.count else { return 0 }
                try repair(parts[input])
            }
        }
    }

    private func mend(_ failure: IndexPartFailure) throws(StoreError) {
        if case .incomplete(let damage) = failure.reason { throw damage.error(in: path) }
        try repair(failure.part)
    }
}

/// Gathers references, one item for each segment.
private struct ReferenceList {
    private(set) var items: [FrameReferences] = []
    /// More are room enough for most aggregates in a segment.
    private static let offsetCountExpected = 32

    mutating func add(_ file: SegmentFile?, _ offset: Int) {
        guard let file else { return }
        // By index: a copy of the last item would make the array be copied with each offset.
        if let last = items.indices.last, items[last].file === file {
            items[last].offsets.append(offset)
        } else {
            var offsets: [Int] = []
            offsets.reserveCapacity(Self.offsetCountExpected)
            offsets.append(offset)
            items.append(FrameReferences(file: file, offsets: offsets))
        }
    }
}
