// What stands behind the end of a log: whole commits of its last session, behind a frame that does not hold, in a part that was
// never synced. A process that was killed may have acknowledged them; a crash of the system may have left them by chance.

/// Whole commits behind the end of a tail.
package struct TailRest: Hashable, Sendable {
    package var segmentNumber: UInt64
    /// Where the log ends: at the frame that does not hold.
    package var offset: Int
    /// Behind the last of the commits.
    package var endOffset: Int
    package var commitCount: Int
    package var eventCount: Int
}

/// Up to where an index covers a tail, which was durable when it was made: at a clean close.
package struct CoveredEnd: Hashable, Sendable {
    /// In the segment, in bytes; 0 where there is no index.
    package var offset: Int
    package var nextPosition: UInt64

    package static let none = CoveredEnd(offset: 0, nextPosition: 0)

    package init(offset: Int, nextPosition: UInt64) {
        self.offset = offset
        self.nextPosition = nextPosition
    }

    package init(_ coverage: IndexCoverage) {
        self.init(offset: coverage.endOffset, nextPosition: coverage.nextPosition)
    }
}
