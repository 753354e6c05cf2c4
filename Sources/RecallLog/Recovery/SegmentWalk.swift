// Goes over a segment's frames from an offset on and decides, where the chain stops, which of the cases of
// docs/format.md, "What opening does", it is. One definition, used by opening, verifying and salvaging. Writes nothing.

package import Recall

/// How the frames of a segment end.
package enum SegmentEnding: String, Hashable, Sendable, CaseIterable {
    /// Case 1: nothing but zeros follows.
    case end
    /// Case 2: something follows that was never acknowledged, or is left over.
    case torn
    /// Case 4: a seal frame.
    case sealed
    /// The scan stopped at the position it was told to.
    case limit
}

/// A segment's frames in order, and how they end.
package struct SegmentWalk: Sendable {
    /// Behind the last frame that holds.
    package var chain: FrameChain
    package var ending: SegmentEnding
    /// Cases 3 and 5.
    package var damage: [DamagedRegion] = []
    /// Which cases were met.
    package var cases = RecoveryCases()

    /// Goes over the frames from where `coverage` ends.
    ///
    /// - Parameters:
    ///   - successorPosition: the first position of the next segment, where there is one: then everything
    ///     before it was acknowledged, and the frames must end with a seal.
    ///   - isFollowed: whether there is a later segment, though perhaps none whose first position is known; nil where
    ///     `successorPosition` says it.
    ///   - limitPosition: frames behind this position are not looked at, since a writer may be at them.
    ///   - coveredOffset: up to where an index that was made at a clean close covers the segment: frames in front of it are
    ///     looked at whatever the limit is, and were durable, the close frame among them.
    ///   - witness: what else is known to have been durable, where the segment is the last.
    ///   - check: looks into each frame whose checksum holds; what it throws means that the frame does not.
    ///   - visit: is shown each frame that holds, with the segment's bytes.
    package init(
        _ file: SegmentFile, from coverage: IndexCoverage, successorPosition: UInt64? = nil,
        isFollowed: Bool? = nil, limitPosition: UInt64 = .max, coveredOffset: Int = 0,
        witness: StoreWitness = .none,
        check: (ChainLink, RawSpan) throws(FormatError) -> Void = { _, _ in },
        visit: (ChainLink, RawSpan) throws(StoreError) -> Void
    ) throws(StoreError) {
        var chain = FrameChain(coverage, in: file.context)
        var damage: [DamagedRegion] = []
        var cases = RecoveryCases()
        let isFollowed = isFollowed ?? (successorPosition != nil)
        let marked = isFollowed ? 0 : witness.offset(in: file.header)
        let durablePosition = isFollowed ? 0 : witness.position(in: file.header)
        let ending = try file.withBytes { (bytes) throws(StoreError) -> SegmentEnding in
            while true {
                if chain.nextPosition > limitPosition, chain.offset >= coveredOffset {
                    cases.insert(.limit)
                    return .limit
                }
                let start = chain
                let reason: FormatError
                switch Self.step(&chain, bytes, check) {
                case .success(let link):
                    try visit(link, bytes)
                    if link.frame.kind == .seal {
                        return Self.sealed(chain, successorPosition, &damage, &cases)
                    }
                    continue
                case .failure(let error):
                    reason = error
                }
                chain = start
                let search = ProofSearch(behind: chain, in: file)
                let next: ChainLink?
                var proof: RecoveryCase?
                // An index that was made at a clean close tells that everything it covers was durable.
                let isMarked = chain.offset < marked || chain.nextPosition <= durablePosition
                let isCovered = chain.offset < coveredOffset || isMarked
                let isUnreadable: Bool
                do throws(DiskError) {
                    next = try search.frame(behind: chain.offset, bytes)
                    let end = next?.frame.offset ?? max(chain.offset, bytes.byteCount)
                    isUnreadable = file.isUnreadable(in: chain.offset ..< end)
                    if isFollowed {
                        proof = next == nil ? .sealLost : .rotBeforeSuccessor
                    } else if let next {
                        proof = try search.proof(from: next, bytes)
                    }
                } catch {
                    throw StoreError(error, doing: "look behind the end of segment \(file.header.number)")
                }
                // What the medium did not give back is no torn end where frames behind it hold.
                guard proof != nil || isCovered || isUnreadable && next != nil else {
                    let isEnd = next == nil && Self.isZero(bytes, at: chain.offset)
                    cases.insert(isEnd ? .end : next == nil ? .tornFrame : .tornGroup)
                    return isEnd ? .end : .torn
                }
                if let proof { cases.insert(proof) } else if isMarked { cases.insert(.lossProvedByMark) }
                damage.append(
                    DamagedRegion(
                        segmentNumber: file.header.number, offset: chain.offset,
                        endOffset: next?.frame.offset ?? bytes.byteCount, firstPosition: chain.nextPosition,
                        lastPosition: (next?.frame.nextPosition ?? successorPosition
                            ?? max(chain.nextPosition, durablePosition + 1)) - 1,
                        reason: (isUnreadable ? .unreadable : reason).reason))
                guard let next else { return isFollowed ? .sealed : .torn }
                chain.offset = next.frame.offset
                chain.nextPosition = next.frame.nextPosition
                // An opening frame must be greater than the epoch before it; the others have it.
                chain.epoch = next.frame.kind == .opening ? chain.epoch : next.frame.epoch
            }
        }
        if ending != .limit, !isFollowed, chain.offset >= marked,
            let region = witness.contradiction(in: file),
            !damage.contains(where: { $0.endOffset > region.offset - Format.markedByteCount })
        {
            cases.insert(.markContradicted)
            damage.append(region)
        }
        self.chain = chain
        self.ending = ending
        self.damage = damage
        self.cases = cases
    }

    private static func step(
        _ chain: inout FrameChain, _ bytes: RawSpan,
        _ check: (ChainLink, RawSpan) throws(FormatError) -> Void
    ) -> Result<ChainLink, FormatError> {
        do throws(FormatError) {
            let link = try chain.next(bytes)
            try check(link, bytes)
            return .success(link)
        } catch {
            return .failure(error)
        }
    }

    /// A seal must end where the next segment begins.
    private static func sealed(
        _ chain: FrameChain, _ successorPosition: UInt64?, _ damage: inout [DamagedRegion],
        _ cases: inout RecoveryCases
    ) -> SegmentEnding {
        cases.insert(.sealed)
        if let successorPosition, successorPosition != chain.nextPosition {
            cases.insert(.sealMisplaced)
            damage.append(
                DamagedRegion(
                    segmentNumber: chain.segment.header.number, offset: chain.offset, endOffset: chain.offset,
                    firstPosition: chain.nextPosition, lastPosition: successorPosition - 1,
                    reason: "the next segment does not begin where this one ends"))
        }
        return .sealed
    }

    private static func isZero(_ bytes: RawSpan, at offset: Int) -> Bool {
        guard offset <= bytes.byteCount - 8 else { return true }
        return bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self) == 0
    }
}
