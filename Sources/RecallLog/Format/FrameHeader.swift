// What every frame begins with: the checksum that ties it to its place, its size and kind, its epoch,
// its position and the durable watermark. Layout: docs/format.md, "Frames".

/// The common part of a frame, read from a segment.
package struct FrameHeader: Hashable, Sendable {
    package var kind: FrameKind
    package var codec: BodyCodec
    /// Where the frame lies in its segment.
    package var offset: Int
    /// Size of the whole frame in bytes.
    package var size: Int
    package var epoch: UInt32
    /// The position of the frame's first event, or of the next event where it has none.
    package var nextPosition: UInt64
    /// The last position that was durable when the frame was written.
    package var durablePosition: UInt64
    /// Where what follows the common part begins.
    package var restOffset: Int

    package var endOffset: Int { offset + size }
    package var rest: Range<Int> { restOffset ..< endOffset }

    /// Reads the frame at `offset` of a segment's bytes.
    ///
    /// - Parameter isChecked: whether the checksum is computed. Without, the frame must have been checked before.
    /// - Throws: when there is no frame that holds at this place.
    @inline(__always)
    package static func decode(
        _ bytes: RawSpan, at offset: Int, in segment: SegmentHeader, isChecked: Bool = true
    ) throws(FormatError) -> FrameHeader {
        guard offset >= 0, offset <= bytes.byteCount - Format.frameSizeMin else { throw .truncated }
        let sizeAndKind = UInt32(
            littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset + 4, as: UInt32.self))
        let size = Int(sizeAndKind & Format.frameSizeMask)
        guard size >= Format.frameSizeMin, size <= bytes.byteCount - offset else {
            throw FormatError("there is no frame: the size does not fit")
        }
        guard let kind = FrameKind(rawValue: UInt8(sizeAndKind >> Format.frameKindShift)) else {
            throw FormatError("there is no frame: its kind is not known")
        }
        if isChecked {
            let stated = UInt32(
                littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
            let computed = checksum(
                bytes.extracting(offset + 4 ..< offset + size), salt: segment.salt, offset: offset)
            guard stated == computed else { throw FormatError("the checksum of the frame does not hold") }
        }
        let flags = bytes.unsafeLoad(fromByteOffset: offset + 8, as: UInt8.self)
        guard flags & ~Format.codecMask == 0, let codec = BodyCodec(rawValue: flags & Format.codecMask) else {
            throw FormatError("the frame has flags that this program does not know")
        }
        var reader = ByteReader(offset + Format.frameFixedSize ..< offset + size)
        guard let epoch = UInt32(exactly: try reader.varint(bytes)) else { throw .varint }
        let delta = try reader.varint(bytes)
        let lag = try reader.varint(bytes)
        let (next, overflows) = segment.firstPosition.addingReportingOverflow(delta)
        guard !overflows, next < UInt64.max >> 1, lag < next else {
            throw FormatError("the frame states an impossible position")
        }
        return FrameHeader(
            kind: kind, codec: codec, offset: offset, size: size, epoch: epoch, nextPosition: next,
            durablePosition: next - 1 - lag, restOffset: reader.offset)
    }

    /// Begins a frame behind what `writer` holds. Its size and checksum are put in by `finish`.
    package static func begin(
        _ writer: inout ByteWriter, codec: BodyCodec = .none, epoch: UInt32, nextPosition: UInt64,
        durablePosition: UInt64, in segment: SegmentHeader
    ) {
        writer.integer(UInt64(0))
        writer.byte(codec.rawValue)
        writer.varint(UInt64(epoch))
        writer.varint(nextPosition - segment.firstPosition)
        writer.varint(nextPosition - 1 - durablePosition)
    }

    /// Puts in size, kind and checksum of the frame that begins at `start` of the writer's bytes.
    ///
    /// - Parameter offset: where the frame will lie in its segment.
    package static func finish(
        _ writer: inout ByteWriter, kind: FrameKind, from start: Int, at offset: Int,
        in segment: SegmentHeader
    ) {
        let size = UInt32(writer.count - start)
        writer.replace(size | UInt32(kind.rawValue) << Format.frameKindShift, at: start + 4)
        let end = writer.count
        let computed = writer.withBytes { bytes in
            checksum(bytes.extracting(start + 4 ..< end), salt: segment.salt, offset: offset)
        }
        writer.replace(computed, at: start)
    }

    /// Covers what is not stored, salt and offset, before what is.
    @inline(__always)
    private static func checksum(_ bytes: RawSpan, salt: UInt32, offset: Int) -> UInt32 {
        var place = (UInt64(offset) << 32 | UInt64(salt)).littleEndian
        let seed = withUnsafeBytes(of: &place) { Checksum.crc32c($0) }
        return Checksum.crc32c(bytes, after: seed)
    }
}
