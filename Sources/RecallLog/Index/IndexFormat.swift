// The numbers of an index file, in one place. What they mean: docs/format.md, "Indexes".

/// The constants of index files.
package enum IndexFormat {
    /// A file is made of blocks that end with a checksum of their own, so that only what is looked at is read.
    package static let blockSize = 4096
    package static let blockContentSize = blockSize - 4

    /// The first commit frame that begins in each so many bytes of a segment is noted by its position.
    package static let positionPageSize = 4096

    static let aggregateSize = 40
    static let fingerprintSize = 4
    static let positionSize = 16
    static let filterLineSize = 64
    static let filterBitsPerKey = 12
    static let filterProbeCount = 6

    /// What the sections of one file can count.
    static let countMax = Int(UInt32.max)

    /// Size of a reference in a file that covers so many segments: an offset and, where there are several, the
    /// segment among them.
    static func referenceSize(segmentCount: UInt64) -> Int {
        if segmentCount <= 1 { return 4 }
        return segmentCount <= 1 << 8 ? 5 : segmentCount <= 1 << 16 ? 6 : 8
    }

    static func filterLineCount(keyCount: Int) -> Int {
        (keyCount * filterBitsPerKey + 8 * filterLineSize - 1) / (8 * filterLineSize)
    }
}

/// The sections of an index file, in the order in which they stand.
enum IndexSectionKind: Int, CaseIterable {
    case aggregates, references, eventIDs, positions, aggregateFilter, eventFilter
}

/// A frame of one of the segments that an index covers.
package struct IndexReference: Hashable, Sendable, BitwiseCopyable {
    /// The segment's number, less that of the first.
    package var ordinal: UInt32
    package var offset: UInt32

    package init(ordinal: UInt32, offset: UInt32) {
        self.ordinal = ordinal
        self.offset = offset
    }
}
