// The dictionary of a segment: what its commits refer to instead of repeating it. Pieces of recent bodies, and the
// ids of streams that come often. It stands twice behind the segment's headers, with 4 KiB between the copies, so that one
// damaged block never costs more than the frames in it. Layout: docs/format.md, "Dictionary".

/// Where a segment's dictionary lies, in the copy that holds.
package struct SegmentDictionary: Hashable, Sendable {
    /// Ids of streams, 16 bytes each.
    package var idsOffset: Int
    package var idCount: Int
    /// What compressed bodies refer to.
    package var content: Range<Int>

    /// The first copy whose checksum holds; nil for a segment without one.
    /// - Throws: where there should be one and neither copy holds.
    package init?(_ bytes: RawSpan, in segment: SegmentHeader) throws(FormatError) {
        guard segment.dictionarySize > 0 else { return nil }
        for copy in 0 ..< Format.dictionaryCopyCount {
            let offset = Self.offset(ofCopy: copy, in: segment)
            if let found = try? SegmentDictionary(decoding: bytes, at: offset, in: segment) {
                self = found
                return
            }
        }
        throw FormatError("both copies of the segment's dictionary are damaged")
    }

    /// Where a copy stands in its segment.
    package static func offset(ofCopy copy: Int, in segment: SegmentHeader) -> Int {
        Format.headerCopiesSize + copy * (segment.dictionarySize + Format.copyGap)
    }

    /// The copies that do not hold, with their offsets.
    package static func damage(
        _ bytes: RawSpan, in segment: SegmentHeader
    ) -> [(offset: Int, reason: FormatError)] {
        guard segment.dictionarySize > 0 else { return [] }
        var found: [(offset: Int, reason: FormatError)] = []
        for copy in 0 ..< Format.dictionaryCopyCount {
            let offset = offset(ofCopy: copy, in: segment)
            do throws(FormatError) {
                _ = try SegmentDictionary(decoding: bytes, at: offset, in: segment)
            } catch {
                found.append((offset, error))
            }
        }
        return found
    }

    /// Reads one copy.
    package init(decoding bytes: RawSpan, at offset: Int, in segment: SegmentHeader) throws(FormatError) {
        let frame = try FrameHeader.decode(bytes, at: offset, in: segment)
        guard frame.kind == .dictionary, frame.codec == .none, frame.size == segment.dictionarySize else {
            throw FormatError("the frame is not the segment's dictionary")
        }
        var reader = ByteReader(frame.rest)
        idCount = try reader.count(bytes, minimumSize: 16)
        idsOffset = reader.offset
        _ = try reader.take(16 * idCount)
        guard reader.remainingCount <= Format.dictionaryBytesMax else {
            throw FormatError("the dictionary is larger than one may be")
        }
        content = reader.offset ..< frame.endOffset
    }

    /// The stream with a number of the table, from 1.
    @inline(__always)
    package func stream(_ number: UInt64, _ bytes: RawSpan) throws(FormatError) -> RawIdentifier {
        guard number > 0, number <= UInt64(idCount) else {
            throw FormatError("a stream has a number that the dictionary does not have")
        }
        // The table was inside the segment when it was decoded.
        return RawIdentifier(bytes, at: idsOffset + 16 * (Int(number) - 1))
    }

    /// What a copy takes, in bytes: one more than the frame's content for each of its numbers.
    package static func encodedSize(idCount: Int, contentSize: Int, in segment: SegmentHeader) -> Int {
        var writer = ByteWriter()
        let head = begin(&writer, idCount: idCount, in: segment)
        return FrameHeader.size(ofHead: head, body: 16 * idCount + contentSize)
    }

    /// Writes both copies behind the headers, with zeros between them; `segment` states their size already.
    /// - Parameter writer: holds all of the segment that stands before.
    package static func encode(
        ids: [RawIdentifier], content: RawSpan, in segment: SegmentHeader, to writer: inout ByteWriter
    ) {
        for copy in 0 ..< Format.dictionaryCopyCount {
            writer.pad(to: offset(ofCopy: copy, in: segment))
            var head = ByteWriter()
            _ = begin(&head, idCount: ids.count, in: segment)
            _ = FrameHeader.append(
                to: &writer, kind: .dictionary, watermark: .none, nextPosition: segment.firstPosition,
                head: head, bodySize: 16 * ids.count + content.byteCount, at: writer.count, in: segment
            ) { frame in
                for id in ids { frame.identifier(id) }
                frame.bytes(content)
            }
        }
    }

    private static func begin(_ head: inout ByteWriter, idCount: Int, in segment: SegmentHeader) -> Int {
        FrameHeader.encode(
            epoch: segment.epoch, nextPosition: segment.firstPosition, watermark: .none, in: segment,
            to: &head)
        head.varint(idCount)
        return head.count
    }
}
