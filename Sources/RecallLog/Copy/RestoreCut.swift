// From a position or a time to the frame that a restored store ends with. Positions ascend, and each segment's header states
// where they begin, so that for a position one segment is read and the others are not. Times are what a clock said, and need
// not ascend: for a time, segments are read from the last one back to the one that holds a commit which is not later.

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
    /// The time that was asked for.
    let time: Timestamp?

    /// The last position of the store.
    var position: UInt64 { segmentCount == 0 ? 0 : lastPart.nextPosition - 1 }

    /// - Throws: `invalidArgument` where the backup has no such position; `damaged` where the frames in front of it do not hold.
    init(_ source: CopySource, _ point: RestorePoint) throws(StoreError) {
        segmentCount = source.segmentCount
        lastPart = source.tailPart
        if case .time(let time) = point { self.time = time } else { time = nil }
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
            if Self.mayHold(file.header, point), try take(file, part, source, point) { return }
            segmentCount -= 1
            lastPart = .sealed(nextPosition: file.header.firstPosition)
        }
    }

    /// Whether a commit of a segment can be wanted.
    private static func mayHold(_ header: SegmentHeader, _ point: RestorePoint) -> Bool {
        switch point {
        case .end, .time: true
        case .position(let position): header.firstPosition <= position.rawValue
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
        // Behind the last one that is wanted.
        var unwanted: CommitHeader?
        try file.withBytes { (bytes) throws(StoreError) in
            while !part.isComplete(at: chain) {
                let link: ChainLink
                do throws(FormatError) { link = try chain.next(bytes) } catch {
                    throw source.damage(of: file, part, at: chain.offset, error.reason)
                }
                guard let commit = link.commit else { continue }
                if Self.isWanted(commit, point) {
                    last = .frames(endOffset: link.frame.endOffset, nextPosition: commit.lastPosition + 1)
                    unwanted = nil
                } else if unwanted == nil {
                    unwanted = commit
                    // Behind it all positions are greater; a time may still be earlier.
                    if case .position = point { return }
                }
            }
        }
        if let unwanted, case .position(let position) = point, unwanted.firstPosition <= position.rawValue {
            dividedCommit = Position(unwanted.firstPosition) ... Position(unwanted.lastPosition)
        }
        guard let last else { return false }
        // Where all of it is wanted, so is the seal.
        lastPart = unwanted == nil ? part : last
        return true
    }
}
