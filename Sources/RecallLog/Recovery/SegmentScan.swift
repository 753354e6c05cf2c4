// Reads a segment's frames from an offset on and makes the index of them. Writes nothing.

package import Recall

/// What a scan found.
package struct SegmentScan: Sendable {
    /// Covers all frames that hold, those behind damage among them.
    package var index: ActiveIndex
    /// Behind the last frame that holds.
    package var chain: FrameChain
    package var ending: SegmentEnding
    /// Cases 3, 5 and 6.
    package var damage: [DamagedRegion] = []
    /// Whole commits behind the end of a tail that was not synced.
    package var behindEnd: TailRest?
    /// Which cases were met.
    package var cases = RecoveryCases()

    /// Scans from where `coverage` ends.
    ///
    /// - Parameters:
    ///   - successorPosition: the first position of the next segment, where there is one: then everything
    ///     before it was acknowledged, and the frames must end with a seal.
    ///   - limitPosition: frames behind this position are not looked at, since a writer may be at them.
    ///   - covered: up to where an index that was made at a clean close covers the segment.
    ///   - witness: what else is known to have been durable, where the segment is the last.
    ///   - visit: is shown each frame that holds, with the segment's bytes.
    package init(
        _ file: SegmentFile, from coverage: IndexCoverage, successorPosition: UInt64? = nil,
        limitPosition: UInt64 = .max, covered: CoveredEnd = .none, witness: StoreWitness = .none,
        visit: (ChainLink, RawSpan) throws(StoreError) -> Void = { _, _ in }
    ) throws(StoreError) {
        var index = ActiveIndex(IndexCoverage(behind: coverage))
        let walk = try SegmentWalk(
            file, from: coverage, successorPosition: successorPosition, limitPosition: limitPosition,
            covered: covered, witness: witness,
            check: { (link, bytes) throws(FormatError) in try Self.add(link, to: &index, bytes) },
            visit: visit)
        let chain = walk.chain
        index.coverage.endOffset = chain.offset
        index.coverage.nextPosition = chain.nextPosition
        index.coverage.epoch = chain.epoch
        index.coverage.durablePosition = chain.durablePosition
        if file.header.sabotages.contains(.forgetEventIDs) { index.forgetEventIDs() }
        self.index = index
        self.chain = chain
        ending = walk.ending
        damage = walk.damage
        behindEnd = walk.behindEnd
        cases = walk.cases
    }

    private static func add(_ link: ChainLink, to index: inout ActiveIndex, _ bytes: RawSpan)
        throws(FormatError)
    {
        index.coverage.frameCount += 1
        guard let commit = link.commit else { return }
        try index.add(commit, bytes)
        index.coverage.lastTime = commit.time
    }
}
