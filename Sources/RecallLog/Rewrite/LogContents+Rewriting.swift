// Which sealed segments are to be rewritten, and the moment at which a rewritten one takes the place of the old:
// file and index together, so that no look-up ever goes with the index of one into the file of the other.

internal import Recall
internal import Synchronization

extension LogContents {
    /// So many segments wait for being rewritten without their indexes being merged. A writer that fills segments
    /// faster than they are rewritten must not have look-ups touch ever more files.
    private static let heldCountMax = 16
    /// The index of so many segments is divided again, for one of them to be rewritten.
    private static let dividedCountMax: UInt64 = 16

    /// Whether a segment is to be rewritten in this session.
    private func isWaiting(_ file: SegmentFile, _ declined: Set<UInt64>) -> Bool {
        isRewriting && !file.header.isRewritten && !declined.contains(file.header.number)
    }

    /// Indexes from this segment on are not merged yet, because some of them will be made again shortly; nil for none.
    func firstHeldSegment(of sealed: SealedIndexes) -> UInt64? {
        guard isRewriting else { return nil }
        let declined = declinedSegments.withLock { $0 }
        let held = sealed.parts.compactMap { part -> UInt64? in
            let number = part.segmentNumbers.lowerBound
            guard number == part.segmentNumbers.upperBound, let file = sealed.file(number),
                isWaiting(file, declined)
            else { return nil }
            return number
        }
        return held.count > Self.heldCountMax ? nil : held.first
    }

    /// The newest segment that waits and has an index of its own or, where there is none, one that can be divided.
    var nextToRewrite: SegmentFile? {
        guard isRewriting else { return nil }
        let declined = declinedSegments.withLock { $0 }
        let sealed = sealed
        var second: SegmentFile?
        for part in sealed.parts.reversed() {
            let numbers = part.segmentNumbers
            guard numbers.upperBound - numbers.lowerBound < Self.dividedCountMax else { continue }
            for number in numbers.reversed() {
                guard let file = sealed.file(number), isWaiting(file, declined) else { continue }
                if numbers.lowerBound == numbers.upperBound { return file }
                second = second ?? file
            }
        }
        return second
    }

    /// Leaves a segment as it is until the log is opened again.
    func declineRewriting(_ number: UInt64) { declinedSegments.withLock { _ = $0.insert(number) } }

    /// The first position behind a sealed segment.
    func endPosition(of file: SegmentFile) -> UInt64? {
        state.withLock { state in
            (state.sealed.file(file.header.number + 1) ?? state.tail)?.header.firstPosition
        }
    }

    /// The index that covers a segment, if there is one.
    func index(of file: SegmentFile) -> IndexInput? {
        let number = file.header.number
        return sealed.parts(overlapping: number ... number).last?.input
    }

    /// Gives each segment that an index file covers together with others one of its own, so that it can get another
    /// file without the others' indexes being lost. Look-ups go on in the old file until all is there.
    func divideIndex(around file: SegmentFile, pause: () throws(RewriteError) -> Void) throws(RewriteError) {
        let number = file.header.number
        let sealed = sealed
        guard
            let part = sealed.parts(overlapping: number ... number).first(where: {
                $0.segmentNumbers != number ... number
            })
        else { return }
        var parts: [IndexPart] = []
        for number in part.segmentNumbers {
            try pause()
            parts.append(try ownIndex(of: number, sealed))
        }
        guard replace([part], with: parts) else {
            throw .unfit("the index of the segment has changed meanwhile")
        }
        layout.deleteIndex(of: part.segmentNumbers)
    }

    private func ownIndex(of number: UInt64, _ sealed: SealedIndexes) throws(RewriteError) -> IndexPart {
        guard let file = sealed.file(number), let end = endPosition(of: file) else {
            throw .unfit("the segment is not there any more")
        }
        let scan: SegmentScan
        do throws(StoreError) {
            scan = try SegmentScan(file, from: IndexCoverage(startOf: file.header), successorPosition: end)
        } catch { throw RewriteError(error) }
        if let damage = scan.damage.first { throw .damaged(damage.reason) }
        let numbers = number ... number
        do throws(IndexBuildError) {
            let builder = try IndexBuilder([.active(scan.index)], of: [file.header])
            // Not while a repair writes a file of the same name.
            try repairs.withLock { (_) throws(IndexBuildError) in
                try layout.writeIndex(of: numbers) { (output) throws(IndexBuildError) in
                    try builder.write(to: output)
                }
            }
        } catch {
            if case .disk(let failure) = error { throw .disk(failure) }
            throw .unfit("the index of segment \(number) cannot be made")
        }
        guard let map = layout.openIndex(of: numbers), let made = try? IndexFile(map, of: [file.header])
        else {
            throw .unfit("the index of segment \(number) cannot be read back")
        }
        return IndexPart(numbers, .file(made))
    }

    /// Puts a rewritten segment, and the index of it, in the place of the old one. Who reads the old one goes on.
    /// - Returns: whether it is there now.
    func replace(_ old: SegmentFile, with new: SegmentFile, _ index: ActiveIndex) -> Bool {
        let number = old.header.number
        let part = IndexPart(number ... number, .memory(FrozenIndex(index)))
        // Not between a repair's look at the frames and its writing of an index for what is there then.
        return repairs.withLock { _ in
            state.withLock { state in
                guard let sealed = state.sealed.replacing(old, with: new, part) else { return false }
                state.sealed = sealed
                return true
            }
        }
    }

    /// Beside a writer in another process: takes up the segments that it has rewritten, once their indexes are there.
    /// - Returns: whether there were any.
    func adoptRewritten(except damaged: [UInt64]) -> Bool {
        let (sealed, tail) = state.withLock { ($0.sealed, $0.tail) }
        guard layout.isReadOnly, let tail else { return false }
        var files = sealed.files
        var changed: Set<UInt64> = []
        for (index, file) in sealed.files.enumerated() where !file.header.isRewritten {
            let number = file.header.number
            guard let opened = try? layout.openSegment(number, storeID: file.header.storeID),
                opened.header.isRewritten, opened.header.firstPosition == file.header.firstPosition
            else { continue }
            opened.closeFile()
            files[index] = opened
            changed.insert(number)
        }
        guard !changed.isEmpty else { return false }
        let selection = IndexSelection(
            of: files.map(\.header), endPosition: tail.header.firstPosition, in: layout,
            known: sealed.parts.filter { part in !changed.contains { part.segmentNumbers.contains($0) } },
            except: damaged)
        // The old file and its index answer as well: nothing is made again that the writer is about to write.
        let lost = selection.parts.contains { part in
            guard case .missing = part.content else { return false }
            return sealed.parts(overlapping: part.segmentNumbers).contains {
                if case .missing = $0.content { false } else { true }
            }
        }
        guard !lost else { return false }
        return state.withLock { state in
            guard state.sealed === sealed else { return false }
            state.sealed = SealedIndexes(files: files, parts: selection.parts)
            return true
        }
    }
}
