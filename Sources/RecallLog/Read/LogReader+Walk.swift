// Walking over frames in order: each is checked, positions have no gaps, and what is lost is reported where it is
// met, never stepped over in silence.

package import Recall

/// A place from which a walk goes on.
struct WalkPlace: Sendable {
    /// Among the segments of the walk.
    var segmentIndex: Int
    /// Of the next frame in its segment.
    var offset: Int
    /// The position of the next event; nil before the first frame, which an index vouches for.
    var expected: UInt64?
}

extension LogReader {
    /// Calls `body` with each commit that holds a position from `start` to `end`, in order, with the
    /// bytes of its segment. `end` must not be behind the published position.
    /// - Parameter files: the segments, where places in them are kept beyond the call: a segment may get another file
    ///   between two looks at the contents, and the places of one are nothing in the other.
    package func forEachCommit(
        from start: UInt64, through end: UInt64, in files: [SegmentFile]? = nil,
        _ body: (CommitHeader, RawSpan) throws(StoreError) -> WalkStep
    ) throws(StoreError) {
        guard start <= end else { return }
        let segments = files ?? contents.segments
        try walk(over: segments, from: place(of: start, in: segments), start: start, end: end, body)
    }

    /// Where a walk towards a position begins.
    func place(of start: UInt64, in segments: [SegmentFile]) -> WalkPlace {
        let index = max(
            0, partitionIndex(of: segments.count) { segments[$0].header.firstPosition > start } - 1)
        guard index < segments.count else { return WalkPlace(segmentIndex: index, offset: 0) }
        return place(of: start, in: segments[index], at: index)
    }

    private func place(of start: UInt64, in file: SegmentFile, at index: Int) -> WalkPlace {
        let offset = contents.offset(before: start, in: file)
        return WalkPlace(
            segmentIndex: index, offset: offset,
            expected: offset == file.header.framesOffset ? file.header.firstPosition : nil)
    }

    /// Calls `body` with each commit from a place on that holds a position from `start` to `end`.
    @inline(__always)
    func walk(
        over segments: [SegmentFile], from place: WalkPlace, start: UInt64, end: UInt64,
        _ body: (CommitHeader, RawSpan) throws(StoreError) -> WalkStep
    ) throws(StoreError) {
        var place = place
        while place.segmentIndex < segments.count {
            let file = segments[place.segmentIndex]
            guard file.header.firstPosition <= end else { return }
            let next = place.segmentIndex + 1
            let successor = next < segments.count ? segments[next].header.firstPosition : nil
            let step = try file.withBytes { (bytes) throws(StoreError) -> WalkStep in
                try walk(file, bytes, from: place, start: start, end: end, successor: successor, body)
            }
            if step == .stop || next == segments.count { return }
            place = self.place(of: start, in: segments[next], at: next)
        }
    }

    /// Walks over the commits of one segment.
    @inline(__always)
    private func walk(
        _ file: SegmentFile, _ bytes: RawSpan, from place: WalkPlace, start: UInt64, end: UInt64,
        successor: UInt64?, _ body: (CommitHeader, RawSpan) throws(StoreError) -> WalkStep
    ) throws(StoreError) -> WalkStep {
        let context = file.context
        var offset = place.offset
        var expected = place.expected
        let last = successor.map { min(end, $0 - 1) } ?? end
        while expected.map({ $0 <= last }) ?? true {
            let commit: CommitHeader
            do throws(FormatError) {
                let frame = try FrameHeader.decode(bytes, at: offset, in: context.header)
                if let expected { try Self.check(frame, isAt: expected) }
                guard frame.kind == .commit else {
                    if frame.kind == .seal {
                        try Self.check(frame, endsAt: successor, behind: end)
                        return .goOn
                    }
                    offset = frame.endOffset
                    expected = frame.nextPosition
                    continue
                }
                commit = try CommitHeader(decoding: frame, bytes, in: context)
            } catch {
                if error.isOfUnknownVersion {
                    throw .newer(segment: file.header.number, offset: offset, error)
                }
                let (region, next) = try damage(
                    at: offset, expected: expected ?? start, in: file, bytes, successor: successor, end: end,
                    reason: error)
                // What is lost lies before what was asked for, or is no event, and the rest can be reached behind it.
                guard let next, region.positions == nil || region.lastPosition < start else {
                    throw region.error(in: path)
                }
                offset = next.offset
                expected = next.nextPosition
                continue
            }
            offset = commit.frame.endOffset
            expected = commit.lastPosition + 1
            if commit.lastPosition < start { continue }
            if try body(commit, bytes) == .stop { return .stop }
        }
        return .goOn
    }

    @inline(__always)
    static func check(_ frame: FrameHeader, isAt expected: UInt64) throws(FormatError) {
        guard frame.nextPosition == expected else {
            throw FormatError("the frame states position \(frame.nextPosition) where \(expected) is next")
        }
    }

    /// A segment is complete only where the next one goes on, and the last one only behind all that was asked for.
    static func check(
        _ seal: FrameHeader, endsAt successor: UInt64?, behind end: UInt64
    ) throws(FormatError) {
        if let successor, seal.nextPosition != successor {
            throw FormatError(
                "the segment ends before position \(seal.nextPosition), and the next one begins at \(successor)"
            )
        }
        if successor == nil, seal.nextPosition <= end {
            throw FormatError(
                "the last segment ends before position \(seal.nextPosition), and there is one at \(end)")
        }
    }

    /// What is lost where a frame should be and is not, and the next one that holds.
    private func damage(
        at offset: Int, expected: UInt64, in file: SegmentFile, _ bytes: RawSpan, successor: UInt64?,
        end: UInt64, reason: FormatError
    ) throws(StoreError) -> (region: DamagedRegion, next: FrameHeader?) {
        var chain = FrameChain(IndexCoverage(startOf: file.header), in: file.context)
        chain.offset = offset
        chain.nextPosition = expected
        var search = ProofSearch(in: file)
        // What is in a frame that holds is no place where another begins.
        let held = try? FrameHeader.decode(bytes, at: offset, in: file.header)
        let start = held.map { $0.endOffset - 1 } ?? offset
        let next: FrameHeader?
        do throws(StoreError) { next = try search.frame(behind: start, of: chain, bytes) } catch {
            if error.code == .unsupported { throw error }
            next = nil
        }
        let region = DamagedRegion(
            segmentNumber: file.header.number, offset: offset,
            endOffset: next?.offset ?? bytes.byteCount, firstPosition: expected,
            lastPosition: (next?.nextPosition ?? successor ?? end + 1) - 1, reason: reason.reason)
        return (region, next)
    }
}
