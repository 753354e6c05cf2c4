// The first look at a segment that is to be rewritten: whether it is whole, and what a dictionary for it should
// hold. Reads every frame along the chain, so nothing is written for a segment with any damage.

internal import Recall

/// What a dictionary made from the whole of a segment consists of.
struct SegmentSurvey {
    /// Of streams that come often, the most frequent first: their numbers take the fewest bytes.
    private(set) var streamIDs: [RawIdentifier] = []
    /// Pieces of bodies.
    private(set) var content: [UInt8] = []
    /// Behind the seal.
    private(set) var endOffset = 0

    /// Bodies are looked at in so many places at most, evenly spread.
    private static let placeCountMax = 4096
    /// Of larger segments only some commits are counted, so that counting needs a few mebibytes at most.
    private static let countedCommitsMax: UInt64 = 1 << 17
    private static let pauseBytes = 4 << 20

    /// - Parameters:
    ///   - endPosition: the first position of the next segment.
    ///   - pause: is called now and then, and throws where the rewriting is to end.
    init(
        _ file: SegmentFile, endPosition: UInt64, pause: () throws(RewriteError) -> Void
    ) throws(RewriteError) {
        guard let count = RewriteBudget.eventCount(of: file.header, endPosition: endPosition) else {
            throw .unfit("the segment holds no events, or cannot hold as many as it should")
        }
        let walk = try file.withBytes { (bytes) throws(RewriteError) in
            try Self.walk(file, eventCount: count, bytes, pause)
        }
        endOffset = walk.endOffset
        let budget = RewriteBudget(usedBytes: walk.endOffset)
        content = try file.withBytes { (bytes) throws(RewriteError) in
            try DictionaryContent.gather(from: walk.places, bytes, bytesMax: budget.contentBytesMax)
        }
        streamIDs = walk.frequentStreams(countMax: budget.idCountMax(besideContentBytes: content.count))
    }

    /// What reading the frames in order finds.
    private struct Walk {
        var endOffset = 0
        /// Commits that are spread evenly over the positions.
        var places: [CommitHeader] = []
        var counts: [RawIdentifier: Int] = [:]
        /// Every so many commits one is counted.
        var stride: UInt64 = 1

        func frequentStreams(countMax: Int) -> [RawIdentifier] {
            let least = RewriteBudget.referenceCountMin
            let countMin = stride == 1 ? least : max(2, (least + Int(stride) - 1) / Int(stride))
            var frequent = counts.filter { $0.value >= countMin }.map { (id: $0.key, count: $0.value) }
            frequent.sort { $0.count == $1.count ? $0.id < $1.id : $0.count > $1.count }
            return frequent.prefix(countMax).map(\.id)
        }
    }

    private static func walk(
        _ file: SegmentFile, eventCount: UInt64, _ bytes: RawSpan,
        _ pause: () throws(RewriteError) -> Void
    ) throws(RewriteError) -> Walk {
        let first = file.header.firstPosition
        var walk = Walk()
        walk.stride = max(1, eventCount / countedCommitsMax)
        var chain = FrameChain(IndexCoverage(startOf: file.header), in: file.context)
        var pausedOffset = 0
        var commitCount: UInt64 = 0
        while chain.lastKind != .seal {
            let link: ChainLink
            do throws(FormatError) { link = try chain.next(bytes) } catch { throw .damaged(error.reason) }
            if chain.offset - pausedOffset >= pauseBytes {
                pausedOffset = chain.offset
                try pause()
            }
            guard let commit = link.commit else { continue }
            // Positions have no gaps, and a segment has fewer events than bytes: far below 2^64.
            let wanted = (commit.firstPosition - first) * UInt64(placeCountMax) / eventCount
            if walk.places.count < placeCountMax, UInt64(walk.places.count) <= wanted {
                walk.places.append(commit)
            }
            if commitCount % walk.stride == 0 {
                do throws(FormatError) {
                    for stream in try commit.streams(bytes) { walk.counts[stream.id, default: 0] += 1 }
                } catch { throw .damaged(error.reason) }
            }
            commitCount += 1
        }
        guard chain.nextPosition - first == eventCount else {
            throw .damaged("the next segment does not begin where this one ends")
        }
        walk.endOffset = chain.offset
        return walk
    }
}
