// Which frames an index stands for, and what the chain of frames looks like behind them.

/// The frames that an index covers, in one segment.
package struct IndexCoverage: Hashable, Sendable {
    package var segmentNumber: UInt64
    package var salt: UInt32
    /// Epoch of the chain behind the last frame that is covered.
    package var epoch: UInt32
    /// Offset of the first frame that is covered.
    package var startOffset: Int
    /// Offset behind the last frame that is covered.
    package var endOffset: Int
    package var firstPosition: UInt64
    /// Position behind the last event that is covered.
    package var nextPosition: UInt64
    /// Of the last commit, or the segment's base time.
    package var lastTime: Int64
    package var frameCount: Int
    /// The highest durable watermark that a covered frame states.
    package var durablePosition: UInt64

    /// Covers nothing yet, from the first frame of a segment on.
    package init(startOf segment: SegmentHeader) {
        segmentNumber = segment.number
        salt = segment.salt
        epoch = segment.epoch
        startOffset = segment.framesOffset
        endOffset = segment.framesOffset
        firstPosition = segment.firstPosition
        nextPosition = segment.firstPosition
        lastTime = segment.baseTime
        frameCount = 0
        durablePosition = segment.firstPosition - 1
    }

    /// Covers nothing yet, from where another index ends.
    package init(behind other: IndexCoverage) {
        self = other
        startOffset = other.endOffset
        firstPosition = other.nextPosition
    }

    package init(
        segmentNumber: UInt64, salt: UInt32, epoch: UInt32, startOffset: Int, endOffset: Int,
        firstPosition: UInt64, nextPosition: UInt64, lastTime: Int64, frameCount: Int, durablePosition: UInt64
    ) {
        self.segmentNumber = segmentNumber
        self.salt = salt
        self.epoch = epoch
        self.startOffset = startOffset
        self.endOffset = endOffset
        self.firstPosition = firstPosition
        self.nextPosition = nextPosition
        self.lastTime = lastTime
        self.frameCount = frameCount
        self.durablePosition = durablePosition
    }
}
