// The chain: which frame may follow which. One definition, used by opening, reading, verifying and
// following alike. docs/format.md, "The life of the bytes".

/// Where a chain of frames stands in a segment.
package struct FrameChain: Hashable, Sendable {
    package let segment: SegmentContext
    /// Offset of the next frame.
    package var offset: Int
    /// Position of the next event.
    package var nextPosition: UInt64
    package var epoch: UInt32
    /// The highest durable watermark that a frame stated.
    package var durablePosition: UInt64
    /// Kind of the last frame; nil before the first.
    package var lastKind: FrameKind?

    /// Before the first frame that is not covered.
    package init(_ coverage: IndexCoverage, in segment: SegmentContext) {
        self.segment = segment
        offset = coverage.endOffset
        nextPosition = coverage.nextPosition
        epoch = coverage.epoch
        durablePosition = coverage.durablePosition
    }

    /// Reads the next frame and steps over it.
    /// - Throws: where no frame at this place continues the chain.
    package mutating func next(_ bytes: RawSpan) throws(FormatError) -> ChainLink {
        guard lastKind != .seal else { throw FormatError("the segment is sealed") }
        let frame = try FrameHeader.decode(bytes, at: offset, in: segment.header)
        try check(frame)
        var commit: CommitHeader?
        if frame.kind == .commit {
            commit = try CommitHeader(decoding: frame, bytes, in: segment)
        } else if frame.kind == .seal {
            // A later program may say in it what must be known.
            _ = try SessionFrame(decoding: frame, bytes, in: segment.header)
        }
        take(frame, eventCount: commit?.eventCount ?? 0)
        return ChainLink(frame: frame, commit: commit)
    }

    /// The frame at this place, where it holds and continues the chain, whether what is in it can be read or not: it was
    /// written here, as a part of this log.
    func heldFrame(_ bytes: RawSpan) -> FrameHeader? {
        guard lastKind != .seal, let frame = try? FrameHeader.decode(bytes, at: offset, in: segment.header),
            (try? check(frame)) != nil
        else { return nil }
        return frame
    }

    private func check(_ frame: FrameHeader) throws(FormatError) {
        guard frame.nextPosition == nextPosition else {
            throw FormatError("the frame states position \(frame.nextPosition) where \(nextPosition) is next")
        }
        switch frame.kind {
        case .opening:
            guard frame.epoch > epoch else {
                throw FormatError("the opening frame belongs to an earlier session")
            }
        case .commit, .close, .seal:
            guard frame.epoch == epoch else { throw FormatError("the frame belongs to another session") }
        case .dictionary:
            throw FormatError("a dictionary stands where none may be")
        }
    }

    /// Steps over a frame.
    package mutating func take(_ frame: FrameHeader, eventCount: Int) {
        offset = frame.endOffset
        nextPosition = frame.nextPosition + UInt64(eventCount)
        epoch = frame.epoch
        durablePosition = max(durablePosition, frame.durablePosition)
        lastKind = frame.kind
    }
}

/// A frame that continues a chain.
package struct ChainLink: Hashable, Sendable {
    package var frame: FrameHeader
    /// Set for a commit frame.
    package var commit: CommitHeader?
}
