// What may be a frame: the beginning that all frames share, whatever kind they are of, read from bytes that nobody vouches
// for and without a look at the checksum. So frames of a newer program are found among others, too.

/// Where a frame would lie, and what it would say of itself.
struct FramePlace {
    var offset: Int
    var size: Int
    var epoch: UInt32
    var nextPosition: UInt64
    /// Whether the head is one that this program knows.
    var isKnown: Bool

    var endOffset: Int { offset + size }

    /// Nil where no frame can begin.
    @inline(__always)
    init?(_ bytes: RawSpan, at offset: Int, in segment: SegmentHeader) {
        guard offset >= 0, offset <= bytes.byteCount - Format.frameSizeMin else { return nil }
        let head = bytes.unsafeLoad(fromByteOffset: offset + Format.frameHeadOffset, as: UInt8.self)
        var reader = ByteReader(offset + Format.frameHeadOffset + 1 ..< bytes.byteCount)
        // No program writes a head of 0, so that zeros are no frame.
        guard head != 0, let stated = try? reader.varint(bytes), stated >= UInt64(Format.frameSizeMin),
            stated <= UInt64(min(bytes.byteCount - offset, Format.frameSizeMax))
        else { return nil }
        reader = ByteReader(reader.offset ..< offset + Int(stated))
        guard let epochDelta = try? reader.varint(bytes, max: UInt64(UInt32.max)),
            let positionDelta = try? reader.varint(bytes)
        else { return nil }
        let (epoch, isEpochImpossible) = segment.epoch.addingReportingOverflow(UInt32(epochDelta))
        let (next, overflows) = segment.firstPosition.addingReportingOverflow(positionDelta)
        guard !isEpochImpossible, !overflows, next < UInt64.max >> 1 else { return nil }
        self.offset = offset
        size = Int(stated)
        self.epoch = epoch
        nextPosition = next
        isKnown = FrameHeader.isKnown(head: head)
    }
}
