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
    /// What may be said of a segment beside its frames, and how far a walk goes.
    private struct Bounds: Sendable {
        /// The first position of the next segment, where there is one: then everything before it was acknowledged, and
        /// the frames must end with a seal.
        var successorPosition: UInt64?
        /// Whether there is a next segment at all: one of which nothing is known proves as much.
        var isFollowed: Bool
        /// Frames behind this position are not looked at, since a writer may be at them.
        var limitPosition: UInt64
        /// Up to where an index that was made at a clean close covers the segment: all of that was durable.
        var covered: CoveredEnd
        /// Up to where the newest mark says that frames were durable, in bytes; 0 where it does not speak of the segment.
        var markedOffset: Int
        /// The last position that was durable when somebody said so; 0 where nobody did.
        var durablePosition: UInt64
        /// Whether the walk goes on at whole frames of the last session behind one that does not hold, though nothing
        /// proves that they were synced.
        var isKeepingTail: Bool
    }

    /// Behind the last frame that holds.
    package private(set) var chain: FrameChain
    package private(set) var ending = SegmentEnding.end
    /// Cases 3, 5 and 6.
    package private(set) var damage: [DamagedRegion] = []
    /// Whole commits behind the end of a tail that was not synced.
    package private(set) var behindEnd: TailRest?
    /// Which cases were met.
    package private(set) var cases = RecoveryCases()
    /// How many bytes were checksummed to see what lies behind places where the chain stopped.
    package private(set) var searchedByteCount = 0

    private let file: SegmentFile
    private let bounds: Bounds
    private var search: ProofSearch

    private var isFollowed: Bool { bounds.isFollowed }

    /// Goes over the frames from where `coverage` ends.
    ///
    /// - Parameters:
    ///   - successorPosition: the first position of the next segment, where there is one: then everything before it was
    ///     acknowledged, and the frames must end with a seal.
    ///   - isFollowed: whether there is a next segment at all; nil where `successorPosition` says it.
    ///   - limitPosition: frames behind this position are not looked at, since a writer may be at them.
    ///   - covered: up to where an index that was made at a clean close covers the segment: frames in front of it are
    ///     looked at whatever the limit is, and were durable.
    ///   - witness: what else is known to have been durable, where the segment is the last.
    ///   - isKeepingTail: whether whole frames of the last session behind one that does not hold are visited, though
    ///     nothing proves that they were synced.
    ///   - check: looks into each frame whose checksum holds; what it throws means that it cannot be read.
    ///   - visit: is shown each frame that can be read, with the segment's bytes.
    /// - Throws: `unsupported` where a newer program has written a frame; what the disk reports, or `visit`.
    package init(
        _ file: SegmentFile, from coverage: IndexCoverage, successorPosition: UInt64? = nil,
        isFollowed: Bool? = nil, limitPosition: UInt64 = .max, covered: CoveredEnd = .none,
        witness: StoreWitness = .none, isKeepingTail: Bool = false,
        check: (ChainLink, RawSpan) throws(FormatError) -> Void = { _, _ in },
        visit: (ChainLink, RawSpan) throws(StoreError) -> Void
    ) throws(StoreError) {
        chain = FrameChain(coverage, in: file.context)
        self.file = file
        let isFollowed = isFollowed ?? (successorPosition != nil)
        bounds = Bounds(
            successorPosition: successorPosition, isFollowed: isFollowed, limitPosition: limitPosition,
            covered: isFollowed ? .none : covered,
            markedOffset: isFollowed ? 0 : witness.offset(in: file.header),
            durablePosition: isFollowed ? 0 : witness.position(in: file.header), isKeepingTail: isKeepingTail)
        search = ProofSearch(in: file)
        ending = try file.withBytes { (bytes) throws(StoreError) in try walk(bytes, check, visit) }
        searchedByteCount = search.checksummedByteCount
        if ending != .limit, !isFollowed, chain.offset >= bounds.markedOffset,
            let region = witness.contradiction(in: file),
            !damage.contains(where: { $0.endOffset > region.offset - Format.markedByteCount })
        {
            cases.insert(.markContradicted)
            damage.append(region)
        }
    }

    private mutating func walk(
        _ bytes: RawSpan, _ check: (ChainLink, RawSpan) throws(FormatError) -> Void,
        _ visit: (ChainLink, RawSpan) throws(StoreError) -> Void
    ) throws(StoreError) -> SegmentEnding {
        while true {
            if chain.nextPosition > bounds.limitPosition, chain.offset >= bounds.covered.offset {
                cases.insert(.limit)
                return .limit
            }
            let start = chain
            switch Self.step(&chain, bytes, check) {
            case .success(let link):
                try visit(link, bytes)
                if link.frame.kind == .seal { return sealed() }
            case .failure(let reason):
                chain = start
                if reason.isOfUnknownVersion {
                    throw .newer(segment: file.header.number, offset: chain.offset, reason)
                }
                if let ending = try goOn(reason, bytes) { return ending }
            }
        }
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

    /// Decides what it is that the chain stopped at, and goes on behind it.
    /// - Returns: how the segment ends; nil where the walk goes on.
    private mutating func goOn(_ reason: FormatError, _ bytes: RawSpan) throws(StoreError) -> SegmentEnding? {
        let held = chain.heldFrame(bytes)
        if held != nil { cases.insert(.contentUnreadable) }
        if let held, let eventCount = CommitHeader.eventCount(of: held, bytes) {
            let last = chain.nextPosition + UInt64(eventCount) - 1
            note(reason, upTo: held.endOffset, lastPosition: last)
            chain.take(held, eventCount: eventCount)
            return nil
        }
        // What is in a frame that holds is no place where another begins.
        let start = held.map { $0.endOffset - 1 } ?? chain.offset
        let next = try search.frame(behind: start, of: chain, bytes)
        let end = next?.offset ?? max(chain.offset, bytes.byteCount)
        let isUnreadable = file.isUnreadable(in: chain.offset ..< end)
        let proof = try proof(before: next, bytes)
        if let proof { cases.insert(proof) }
        // What the medium did not give back is no torn end where frames behind it hold.
        guard proof != nil || held != nil || isUnreadable && next != nil else {
            return try endChain(before: next, bytes, reason)
        }
        let nextPosition =
            next?.nextPosition ?? bounds.successorPosition
            ?? max(chain.nextPosition, bounds.durablePosition + 1, bounds.covered.nextPosition)
        note(isUnreadable ? .unreadable : reason, upTo: end, lastPosition: nextPosition - 1)
        guard let next else { return isFollowed ? .sealed : .torn }
        go(to: next)
        return nil
    }

    /// How it is known that what the chain stopped at was durable; nil where it is not.
    /// - Parameter next: the first frame behind that holds.
    private mutating func proof(before next: FrameHeader?, _ bytes: RawSpan) throws(StoreError)
        -> RecoveryCase?
    {
        if isFollowed { return next == nil ? .sealLost : .rotBeforeSuccessor }
        if let next, let proof = try search.proof(of: chain, from: next, bytes) { return proof }
        if chain.offset < bounds.markedOffset || chain.nextPosition <= bounds.durablePosition {
            return .lossProvedByMark
        }
        return chain.offset < bounds.covered.offset ? .lossProvedByIndex : nil
    }

    private mutating func go(to next: FrameHeader) {
        chain.offset = next.offset
        chain.nextPosition = next.nextPosition
        // An opening frame must be greater than the epoch before it; the others have it.
        chain.epoch = next.kind == .opening ? chain.epoch : next.epoch
    }

    /// The chain ends here, and nothing proves that there was more. What a session that was not synced left behind a
    /// frame that does not hold may have been acknowledged all the same.
    private mutating func endChain(
        before next: FrameHeader?, _ bytes: RawSpan, _ reason: FormatError
    ) throws(StoreError) -> SegmentEnding? {
        if behindEnd == nil {
            let commits = try search.commits(of: chain, from: next, bytes)
            if commits.commitCount > 0 {
                behindEnd = TailRest(
                    segmentNumber: file.header.number, offset: chain.offset, endOffset: commits.endOffset,
                    commitCount: commits.commitCount, eventCount: commits.eventCount)
            }
        }
        if let next, let rest = behindEnd, bounds.isKeepingTail, next.offset < rest.endOffset {
            cases.insert(.tornGroup)
            note(reason, upTo: next.offset, lastPosition: next.nextPosition - 1)
            go(to: next)
            return nil
        }
        let isEnd = next == nil && Self.isZero(bytes, at: chain.offset)
        cases.insert(isEnd ? .end : next == nil ? .tornFrame : .tornGroup)
        return isEnd ? .end : .torn
    }

    /// Adds a damaged region, or makes the one before longer where it goes on.
    private mutating func note(_ reason: FormatError, upTo endOffset: Int, lastPosition: UInt64) {
        if let last = damage.indices.last, damage[last].endOffset == chain.offset,
            damage[last].reason == reason.reason, damage[last].positions != nil,
            damage[last].lastPosition + 1 == chain.nextPosition
        {
            damage[last].endOffset = endOffset
            damage[last].lastPosition = lastPosition
            return
        }
        damage.append(
            DamagedRegion(
                segmentNumber: file.header.number, offset: chain.offset, endOffset: endOffset,
                firstPosition: chain.nextPosition, lastPosition: lastPosition, reason: reason.reason))
    }

    /// A seal must end where the next segment begins.
    private mutating func sealed() -> SegmentEnding {
        cases.insert(.sealed)
        if let successorPosition = bounds.successorPosition, successorPosition != chain.nextPosition {
            cases.insert(.sealMisplaced)
            damage.append(
                DamagedRegion(
                    segmentNumber: file.header.number, offset: chain.offset, endOffset: chain.offset,
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
