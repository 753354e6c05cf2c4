// From a position or a time to the frame that a restored store ends with. Positions and times of commits ascend, and each
// segment's header states where both begin, so that one segment is read and the others are not.

internal import Recall

/// Where a restored store ends.
struct RestoreCut: Sendable {
    /// How many segments of the backup it has, from number 1 on.
    private(set) var segmentCount: Int
    /// How much of the last one.
    private(set) var lastPart: SegmentPart
    /// The commit that the position which was asked for divides.
    private(set) var dividedCommit: ClosedRange<Position>?
    /// Whether the backup goes on behind the end.
    let isCut: Bool

    /// The last position of the store.
    var position: UInt64 { segmentCount == 0 ? 0 : lastPart.nextPosition - 1 }

    /// - Throws: `invalidArgument` where the backup has no such position; `damaged` where the frames in front of it do not hold.
    init(_ source: CopySource, _ point: RestorePoint) throws(StoreError) {
        segmentCount = source.segmentCount
        lastPart = source.tailPart
        switch point {
        case .end:
            isCut = false
            return
        case .position(let position):
            guard position >= .first else {
                throw StoreError(
                    .invalidArgument, "There is no position 0 to restore to: positions begin with 1.")
            }
            guard position.rawValue <= source.position else {
                throw StoreError(
                    .invalidArgument,
                    "\(source.layout.path) ends with position \(source.position), so it cannot be restored to \(position): choose a position up to that one."
                )
            }
            isCut = position.rawValue < source.position
            guard isCut else { return }
        case .time: isCut = true
        }
        while segmentCount > 0 {
            let (file, part) = try source.segment(UInt64(segmentCount))
            if Self.begins(file.header, atOrBefore: point), try take(file, part, source, point) { return }
            segmentCount -= 1
            lastPart = .sealed(nextPosition: file.header.firstPosition)
        }
    }

    private static func begins(_ header: SegmentHeader, atOrBefore point: RestorePoint) -> Bool {
        switch point {
        case .end: true
        case .position(let position): header.firstPosition <= position.rawValue
        case .time(let time): header.baseTime <= time.microsecondsSince1970
        }
    }

    private static func isWanted(_ commit: CommitHeader, _ point: RestorePoint) -> Bool {
        switch point {
        case .end: true
        case .position(let position): commit.lastPosition <= position.rawValue
        case .time(let time): commit.time <= time.microsecondsSince1970
        }
    }

    /// Finds the end in a segment.
    /// - Returns: whether any commit of it is wanted.
    private mutating func take(
        _ file: SegmentFile, _ part: SegmentPart, _ source: CopySource, _ point: RestorePoint
    ) throws(StoreError) -> Bool {
        var chain = FrameChain(IndexCoverage(startOf: file.header), in: file.context)
        var last: SegmentPart?
        var first: CommitHeader?
        try file.withBytes { (bytes) throws(StoreError) in
            while first == nil, !part.isComplete(at: chain) {
                let link: ChainLink
                do throws(FormatError) { link = try chain.next(bytes) } catch {
                    throw source.damage(of: file, part, at: chain.offset, error.reason)
                }
                guard let commit = link.commit else { continue }
                if Self.isWanted(commit, point) {
                    last = .frames(endOffset: link.frame.endOffset, nextPosition: commit.lastPosition + 1)
                } else {
                    first = commit
                }
            }
        }
        if let first, case .position(let position) = point, first.firstPosition <= position.rawValue {
            dividedCommit = Position(first.firstPosition) ... Position(first.lastPosition)
        }
        guard let last else { return false }
        // Where all of it is wanted, so is the seal.
        lastPart = first == nil ? part : last
        return true
    }
}
