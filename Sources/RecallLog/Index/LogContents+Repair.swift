// Indexes that are missing or damaged are made again from the frames, when somebody needs them. A writer
// keeps them, so that they are made once; a reader has them in memory.

internal import Recall
internal import Synchronization

extension LogContents {
    /// Puts another index in the place of one that does not answer: a missing one is made from its segment's
    /// frames; what a damaged file covered becomes missing.
    /// - Throws: where the frames cannot be read at all.
    func repair(_ part: IndexPart) throws(StoreError) {
        try repairs.withLock { (damageCounts) throws(StoreError) in
            let (sealed, base, tail) = state.withLock { ($0.sealed, $0.base, $0.tail) }
            if let base, base === part, let tail {
                return try repairBase(base, of: tail)
            }
            guard sealed.parts.contains(where: { $0 === part }) else { return }
            switch part.content {
            case .memory, .incomplete: return
            case .file:
                for number in part.segmentNumbers { damageCounts[number, default: 0] += 1 }
                giveUp(part, sealed)
            case .missing:
                // The writer of another process may have made or merged it meanwhile.
                if layout.isReadOnly, adoptFiles(instead: part, damageCounts) { return }
                // A place that damages what is written to it again and again is left alone.
                let isKept = damageCounts[part.segmentNumbers.lowerBound, default: 0] < 3
                try make(part, sealed, isKept: isKept)
            }
        }
    }

    /// Forgets a file that does not hold.
    private func giveUp(_ part: IndexPart, _ sealed: SealedIndexes) {
        let old = sealed.parts(overlapping: part.segmentNumbers)
        let new = part.segmentNumbers.map { IndexPart($0 ... $0, .missing) }
        let isReplaced = replace(old, with: new)
        if isReplaced, !layout.isReadOnly { layout.deleteIndex(of: part.segmentNumbers) }
    }

    /// Makes the index of one sealed segment from its frames.
    private func make(_ part: IndexPart, _ sealed: SealedIndexes, isKept: Bool) throws(StoreError) {
        let number = part.segmentNumbers.lowerBound
        guard let file = sealed.file(number), let successor = sealed.file(number + 1) ?? tailFile else {
            return
        }
        let scan = try SegmentScan(
            file, from: IndexCoverage(startOf: file.header),
            successorPosition: successor.header.firstPosition)
        if let damage = scan.damage.first {
            replace(
                [part], with: [IndexPart(number ... number, .incomplete(FrozenIndex(scan.index), damage))])
            return
        }
        let made = IndexPart(number ... number, .memory(FrozenIndex(scan.index)))
        guard replace([part], with: [made]), !layout.isReadOnly else { return }
        // Kept, so that the next opening need not read the segment for it. Losing it costs time alone.
        if isKept { try? keep([made]) }
    }

    private var tailFile: SegmentFile? { state.withLock { $0.tail } }

    /// Makes the index of the tail's beginning again; it stays in memory until the log is closed.
    private func repairBase(_ base: IndexPart, of tail: SegmentFile) throws(StoreError) {
        guard let covered = base.file?.coverage else { return }
        let scan = try SegmentScan(
            tail, from: IndexCoverage(startOf: tail.header), limitPosition: covered.nextPosition - 1)
        let made = IndexPart(base.segmentNumbers, .memory(FrozenIndex(scan.index)), isPartial: true)
        let isReplaced = state.withLock { state in
            guard state.base === base else { return false }
            state.base = made
            state.tailDamage = state.tailDamage ?? scan.damage.first
            return true
        }
        if isReplaced, !layout.isReadOnly { layout.deleteIndex(of: base.segmentNumbers) }
    }

    /// Takes up what index files there are now.
    func adoptFiles() {
        _ = repairs.withLock { damageCounts in
            adoptRewritten(except: damageCounts.keys.sorted()) || adoptFiles(instead: nil, damageCounts)
        }
    }

    /// - Returns: whether another index took the place of `part`.
    private func adoptFiles(instead part: IndexPart?, _ damageCounts: [UInt64: Int]) -> Bool {
        let (sealed, tail) = state.withLock { ($0.sealed, $0.tail) }
        guard let tail else { return false }
        let selection = IndexSelection(
            of: sealed.files.map(\.header), endPosition: tail.header.firstPosition, in: layout,
            known: sealed.parts,
            except: damageCounts.keys.sorted())
        guard let part else { return replace(sealed.parts, with: selection.parts) }
        // What is still missing is made.
        let isHelpful = selection.parts.contains {
            guard $0.segmentNumbers.overlaps(part.segmentNumbers) else { return false }
            if case .missing = $0.content { return false }
            return true
        }
        return isHelpful && replace(sealed.parts, with: selection.parts)
    }

    /// Puts indexes in the place of others.
    /// - Returns: whether these were still there.
    @discardableResult
    func replace(_ old: [IndexPart], with new: [IndexPart]) -> Bool {
        state.withLock { state in
            guard let sealed = state.sealed.replacing(old, with: new) else { return false }
            state.sealed = sealed
            return true
        }
    }
}
