// Whether a segment of an earlier backup is, or begins, that of the store. A backup is only ever extended: where it holds a
// frame that the store does not, the two are different histories, and nothing is written.

internal import Recall

/// A segment of a backup beside that of the store.
struct BackupComparison {
    /// What is there already.
    struct Found: Sendable {
        /// Whether the segment of the backup stays as it is; else a whole or longer one takes its place.
        var isKept: Bool
        /// The position behind its last event.
        var nextPosition: UInt64
    }

    let mine: SegmentFile
    /// Where the backup's next segment begins; nil for its last one.
    let mineNextPosition: UInt64?
    let theirs: SegmentFile
    let part: SegmentPart
    let backupPath: String
    let storePath: String

    /// Whether both are copies of one file, and not only of one segment.
    private var isSameFile: Bool {
        let (mine, theirs) = (mine.header, theirs.header)
        return mine.salt == theirs.salt && mine.epoch == theirs.epoch
            && mine.firstPosition == theirs.firstPosition && mine.baseTime == theirs.baseTime
            && mine.dictionarySize == theirs.dictionarySize && mine.isRewritten == theirs.isRewritten
    }

    /// - Throws: `unavailable` where the backup holds something else than the store; `damaged` where one of the two is.
    func compare() throws(StoreError) -> Found {
        // It got its place whole and durable, and its successor after it; only verifying reads it again.
        if let next = mineNextPosition, isSameFile, case .sealed(next) = part {
            return Found(isKept: true, nextPosition: next)
        }
        guard mine.header.firstPosition == theirs.header.firstPosition else {
            throw different(from: min(mine.header.firstPosition, theirs.header.firstPosition))
        }
        let chain = try compareFrames()
        guard chain.nextPosition <= part.nextPosition else { throw different(from: part.nextPosition) }
        return Found(
            isKept: isSameFile && part.isComplete(at: chain), nextPosition: chain.nextPosition)
    }

    /// Compares each frame of the backup with that of the store.
    private func compareFrames() throws(StoreError) -> FrameChain {
        let walk = try SegmentWalk(
            mine, from: IndexCoverage(startOf: mine.header), successorPosition: mineNextPosition
        ) { (_, _) throws(StoreError) in }
        if let damage = walk.damage.first { throw damage.error(in: backupPath) }
        let comparison = FrameComparison()
        var mineChain = FrameChain(IndexCoverage(startOf: mine.header), in: mine.context)
        var theirChain = FrameChain(IndexCoverage(startOf: theirs.header), in: theirs.context)
        try mine.withBytes { (mineBytes) throws(StoreError) in
            try theirs.withBytes { (theirBytes) throws(StoreError) in
                while mineChain.offset < walk.chain.offset {
                    let position = mineChain.nextPosition
                    do throws(FormatError) {
                        let link = try mineChain.next(mineBytes)
                        let other = try theirChain.next(theirBytes)
                        try compare(link, mineBytes, other, theirBytes, comparison)
                    } catch {
                        try requireWhole()
                        throw different(from: position)
                    }
                }
            }
        }
        return walk.chain
    }

    private func compare(
        _ link: ChainLink, _ bytes: RawSpan, _ other: ChainLink, _ otherBytes: RawSpan,
        _ comparison: FrameComparison
    ) throws(FormatError) {
        guard isSameFile else { return try comparison.compare(link, bytes, other, otherBytes) }
        let range = link.frame.offset ..< link.frame.endOffset
        guard other.frame.offset == range.lowerBound, other.frame.endOffset == range.upperBound,
            FrameComparison.areEqual(bytes.extracting(range), otherBytes.extracting(range))
        else { throw FormatError("a frame is another") }
    }

    /// Damage of the store is no difference of the histories. Its tail was looked at when the copy began.
    private func requireWhole() throws(StoreError) {
        guard case .sealed(let next) = part else { return }
        let walk = try SegmentWalk(
            theirs, from: IndexCoverage(startOf: theirs.header), successorPosition: next
        ) { (_, _) throws(StoreError) in }
        if let damage = walk.damage.first { throw damage.error(in: storePath) }
    }

    private func different(from position: UInt64) -> StoreError {
        StoreError(
            .unavailable,
            "\(backupPath) is no earlier backup of \(storePath), since the two differ from position \(position) on: back up into another directory."
        )
    }
}
