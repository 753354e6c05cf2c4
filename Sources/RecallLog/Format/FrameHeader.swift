// What every frame begins with: the checksum that ties it to its place, its kind and size, its epoch,
// its position and the durable watermark. Layout: docs/format.md, "Frames".

/// What a frame states of the last position that was durable when it was written.
package enum DurableWatermark: Hashable, Sendable {
    /// Nothing, since a frame shortly before did: what it says is far back, and has not moved.
    case none
    case position(UInt64)
}

/// The common part of a frame, read from a segment.
package struct FrameHeader: Hashable, Sendable {
    package var kind: FrameKind
    package var codec: BodyCodec
    /// Whether a commit has one event, of a stream that is its own root.
    package var isSimple: Bool
    /// Where the frame lies in its segment.
    package var offset: Int
    /// Size of the whole frame in bytes.
    package var size: Int
    package var epoch: UInt32
    /// The position of the frame's first event, or of the next event where it has none.
    package var nextPosition: UInt64
    /// The last position that was durable when the frame was written, as far as it states one; everything before a
    /// segment is durable.
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
        let head = bytes.unsafeLoad(fromByteOffset: offset + Format.frameHeadOffset, as: UInt8.self)
        guard isKnown(head: head), let kind = FrameKind(rawValue: head & Format.frameKindMask),
            let codec = BodyCodec(rawValue: head >> Format.codecShift & Format.codecMask)
        else { throw unknownHead(bytes, at: offset, in: segment) }
        var reader = ByteReader(offset + Format.frameHeadOffset + 1 ..< bytes.byteCount)
        let stated = try reader.varint(bytes)
        guard stated >= UInt64(Format.frameSizeMin),
            stated <= UInt64(min(bytes.byteCount - offset, Format.frameSizeMax))
        else {
            throw FormatError("there is no frame: the size does not fit")
        }
        let size = Int(stated)
        reader = ByteReader(reader.offset ..< offset + size)
        if isChecked, !holds(bytes, from: offset, to: offset + size, in: segment) {
            throw FormatError("the checksum of the frame does not hold")
        }
        let (epoch, isEpochImpossible) = segment.epoch.addingReportingOverflow(
            UInt32(truncatingIfNeeded: try reader.varint(bytes, max: UInt64(UInt32.max))))
        let (next, overflows) = segment.firstPosition.addingReportingOverflow(try reader.varint(bytes))
        guard !isEpochImpossible, !overflows, next < UInt64.max >> 1 else {
            throw FormatError("the frame states an impossible position")
        }
        var durable = segment.firstPosition - 1
        switch head >> Format.watermarkShift & Format.watermarkMask {
        case Format.watermarkIsAbsent: break
        case Format.watermarkIsNext: durable = next - 1
        case Format.watermarkIsStated:
            let lag = try reader.varint(bytes)
            guard lag < next else { throw FormatError("the frame states an impossible position") }
            durable = next - 1 - lag
        default: throw unknownHead(bytes, at: offset, in: segment)
        }
        let isSimple = head & Format.isSimpleFlag != 0
        return FrameHeader(
            kind: kind, codec: codec, isSimple: isSimple, offset: offset, size: size, epoch: epoch,
            nextPosition: next, durablePosition: durable, restOffset: reader.offset)
    }

    /// The size that what stands at an offset states, where it could be a frame that a segment's frames go on
    /// behind; nil for a seal and for what is no frame. Nothing of it is checked.
    @inline(__always)
    package static func unverifiedSize(_ bytes: RawSpan, at offset: Int) -> Int? {
        guard offset >= 0, offset <= bytes.byteCount - Format.frameSizeMin else { return nil }
        let head = bytes.unsafeLoad(fromByteOffset: offset + Format.frameHeadOffset, as: UInt8.self)
        guard let kind = FrameKind(rawValue: head & Format.frameKindMask), kind != .seal else { return nil }
        var reader = ByteReader(offset + Format.frameHeadOffset + 1 ..< bytes.byteCount)
        guard let size = try? reader.varint(bytes), size >= UInt64(Format.frameSizeMin),
            size <= UInt64(bytes.byteCount - offset)
        else { return nil }
        return Int(size)
    }

    /// Whether a byte can be the head of a frame of this version: codec and simplicity are for commits.
    @inline(__always)
    static func isKnown(head: UInt8) -> Bool {
        let kind = head & Format.frameKindMask
        guard head >> Format.watermarkShift & Format.watermarkMask <= Format.watermarkIsStated else {
            return false
        }
        if kind == FrameKind.commit.rawValue {
            return head >> Format.codecShift & Format.codecMask <= BodyCodec.lz4WithDictionary.rawValue
        }
        return kind > FrameKind.commit.rawValue && kind <= FrameKind.seal.rawValue
            && head & (Format.codecMask << Format.codecShift | Format.isSimpleFlag) == 0
    }

    /// What is wrong where a head is not known: a frame that holds all the same is one of a newer program.
    @inline(never)
    private static func unknownHead(
        _ bytes: RawSpan, at offset: Int, in segment: SegmentHeader
    ) -> FormatError {
        guard let place = FramePlace(bytes, at: offset, in: segment),
            holds(bytes, from: offset, to: place.endOffset, in: segment)
        else { return FormatError("there is no frame: its kind is not known") }
        var error = FormatError("the frame has a kind, a codec or a flag that this program does not know")
        error.isOfUnknownVersion = true
        return error
    }

    /// Whether the checksum at the beginning of a frame is that of the rest.
    @inline(__always)
    static func holds(_ bytes: RawSpan, from offset: Int, to end: Int, in segment: SegmentHeader) -> Bool {
        let stored = UInt32(
            littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
        return stored
            == checksum(bytes.extracting(offset + 4 ..< end), salt: segment.checkedSalt, offset: offset)
            || segment.sabotages.contains(.acceptBadChecksum)
    }

    // MARK: Writing

    /// Writes what lies between a frame's size and what its kind adds; `begin` writes what comes before, once
    /// the size is known.
    package static func encode(
        epoch: UInt32, nextPosition: UInt64, watermark: DurableWatermark, in segment: SegmentHeader,
        to writer: inout ByteWriter
    ) {
        writer.varint(UInt64(epoch - segment.epoch))
        writer.varint(nextPosition - segment.firstPosition)
        if case .position(let position) = watermark, position < nextPosition - 1 {
            writer.varint(nextPosition - 1 - position)
        }
    }

    /// The size of a frame: of what `encode` and the kind wrote, a body, and what comes before them.
    @inline(__always)
    package static func size(ofHead headSize: Int, body bodySize: Int) -> Int {
        let without = Format.frameHeadOffset + 1 + headSize + bodySize
        var sizeSize = 1
        while (without + sizeSize) >> (7 * sizeSize) > 0 { sizeSize += 1 }
        return without + sizeSize
    }

    /// Appends a whole frame: what comes before `head`, which `encode` and the kind wrote, then a body, then the checksum.
    ///
    /// - Parameters:
    ///   - watermark: and `nextPosition`: as they were given to `encode`.
    ///   - offset: where the frame will lie in its segment.
    ///   - writeBody: appends `bodySize` bytes.
    /// - Returns: the size of the frame in bytes.
    @inline(__always)
    package static func append(
        to writer: inout ByteWriter, kind: FrameKind, codec: BodyCodec = .none, isSimple: Bool = false,
        watermark: DurableWatermark, nextPosition: UInt64, head: borrowing ByteWriter, bodySize: Int = 0,
        at offset: Int, in segment: SegmentHeader, writeBody: (inout ByteWriter) -> Void = { _ in }
    ) -> Int {
        let start = writer.count
        let size = size(ofHead: head.count, body: bodySize)
        begin(
            &writer, kind: kind, codec: codec, isSimple: isSimple, watermark: watermark,
            nextPosition: nextPosition, size: size)
        head.withBytes { writer.bytes($0) }
        writeBody(&writer)
        finish(&writer, from: start, at: offset, in: segment)
        return size
    }

    /// Begins a frame of a known size behind what `writer` holds. Its checksum is put in by `finish`.
    package static func begin(
        _ writer: inout ByteWriter, kind: FrameKind, codec: BodyCodec = .none, isSimple: Bool = false,
        watermark: DurableWatermark = .none, nextPosition: UInt64 = 0, size: Int
    ) {
        writer.integer(UInt32(0))
        let form: UInt8 =
            switch watermark {
            case .none: Format.watermarkIsAbsent
            case .position(let position):
                position < nextPosition - 1 ? Format.watermarkIsStated : Format.watermarkIsNext
            }
        writer.byte(
            kind.rawValue | codec.rawValue << Format.codecShift | form << Format.watermarkShift
                | (isSimple ? Format.isSimpleFlag : 0))
        writer.varint(size)
    }

    /// Puts in the checksum of the frame that begins at `start` of the writer's bytes and ends with them.
    ///
    /// - Parameter offset: where the frame will lie in its segment.
    package static func finish(
        _ writer: inout ByteWriter, from start: Int, at offset: Int, in segment: SegmentHeader
    ) {
        let end = writer.count
        let computed = writer.withBytes { bytes in
            checksum(bytes.extracting(start + 4 ..< end), salt: segment.checkedSalt, offset: offset)
        }
        writer.replace(computed, at: start)
    }

    /// Covers what is not stored, salt and offset, before what is.
    @inline(__always)
    private static func checksum(_ bytes: RawSpan, salt: UInt32, offset: Int) -> UInt32 {
        Checksum.crc32c(bytes, after: placeChecksum(salt: salt, offset: offset))
    }

    @inline(__always)
    private static func placeChecksum(salt: UInt32, offset: Int) -> UInt32 {
        var place = (UInt64(offset) << 32 | UInt64(salt)).littleEndian
        return withUnsafeBytes(of: &place) { Checksum.crc32c($0) }
    }

    /// What the checksum of a frame begins with: of the salt and the offset, which are not stored in it.
    static func placeChecksum(at offset: Int, in segment: SegmentHeader) -> UInt32 {
        placeChecksum(salt: segment.checkedSalt, offset: offset)
    }
}
