// How far a store is known to have come, beside its segments: so that a segment that is gone, cut short, emptied or replaced by an
// older copy of itself is noticed. A mark never says more than what is durable, so that no crash makes it false, and
// what it says stays true: frames are only ever added. Layout: docs/format.md, "Marks".

/// One of the two marks in the file `store`, which are written in turns.
package struct StoreMark: Hashable, Sendable {
    package var storeID: RawIdentifier
    package var incarnation: RawIdentifier
    /// Counts the writings from 0; of two marks the one with the greater number is the newer.
    package var sequence: UInt64
    /// The last segment that was begun, and what was durable of it; nil in a store without segments.
    package var end: End?

    /// A place in the last segment, behind a frame that was durable.
    package struct End: Hashable, Sendable {
        package var segmentNumber: UInt64
        package var salt: UInt32
        package var firstPosition: UInt64
        /// The position behind the last event in front of the place.
        package var nextPosition: UInt64
        /// Of the place in the segment, in bytes.
        package var offset: Int
        /// Of the bytes in front of the place.
        package var checksum: UInt32

        /// The end of a segment's frames as they are now.
        package init(of segment: SegmentHeader, offset: Int, nextPosition: UInt64, _ bytes: RawSpan) {
            segmentNumber = segment.number
            salt = segment.salt
            firstPosition = segment.firstPosition
            self.nextPosition = nextPosition
            self.offset = offset
            checksum = Self.checksum(in: segment, before: offset, bytes)
        }

        /// Of the last bytes in front of an offset, with whose frames they are.
        static func checksum(in segment: SegmentHeader, before offset: Int, _ bytes: RawSpan) -> UInt32 {
            let end = min(offset, bytes.byteCount)
            let start = max(segment.framesOffset, end - Format.markedByteCount)
            return Checksum.crc32c(bytes.extracting(min(start, end) ..< end))
        }

        /// What is known of the file itself; nothing while a copy puts another one in its place.
        package var namesFile: Bool { offset > 0 }

        package mutating func forgetFile() {
            offset = 0
            salt = 0
            checksum = 0
        }

        /// Whether the bytes in front of the place are those that were there.
        package func holds(in segment: SegmentHeader, _ bytes: RawSpan) -> Bool {
            offset <= bytes.byteCount && checksum == Self.checksum(in: segment, before: offset, bytes)
        }
    }

    package init(storeID: RawIdentifier, incarnation: RawIdentifier, sequence: UInt64, end: End?) {
        self.storeID = storeID
        self.incarnation = incarnation
        self.sequence = sequence
        self.end = end
    }

    /// Where a mark stands in the file `store`, in bytes.
    package var fileOffset: Int { Format.markOffsets[Int(sequence % UInt64(Format.markOffsets.count))] }

    /// The next one to be written, in the place of the older of the two.
    package func next(_ end: End?) -> StoreMark {
        StoreMark(storeID: storeID, incarnation: incarnation, sequence: sequence + 1, end: end)
    }

    package func encode(to writer: inout ByteWriter) {
        HeaderSector.begin(&writer, magic: Format.markMagic)
        writer.identifier(storeID)
        writer.identifier(incarnation)
        writer.integer(sequence)
        writer.integer(end?.segmentNumber ?? 0)
        writer.integer(end?.firstPosition ?? 0)
        writer.integer(end?.nextPosition ?? 0)
        writer.integer(UInt64(end?.offset ?? 0))
        writer.integer(end?.salt ?? 0)
        writer.integer(end?.checksum ?? 0)
        HeaderSector.finish(&writer)
    }

    /// Reads one mark, which must be of a certain store.
    package init(decoding bytes: RawSpan, of header: StoreHeader, at fileOffset: Int) throws(FormatError) {
        var reader = try HeaderSector.open(bytes, magic: Format.markMagic, what: "mark")
        storeID = try reader.identifier(bytes)
        incarnation = try reader.identifier(bytes)
        guard storeID == header.storeID, incarnation == header.incarnation else {
            throw FormatError("the mark belongs to another store or history")
        }
        sequence = try reader.integer(UInt64.self, bytes)
        let number = try reader.integer(UInt64.self, bytes)
        let first = try reader.integer(UInt64.self, bytes)
        let next = try reader.integer(UInt64.self, bytes)
        let offset = try reader.integer(UInt64.self, bytes)
        let salt = try reader.integer(UInt32.self, bytes)
        let checksum = try reader.integer(UInt32.self, bytes)
        guard sequence < UInt64.max >> 1 else { throw FormatError("the mark has an impossible number") }
        if number == 0 {
            end = nil
        } else {
            guard number < UInt64.max >> 1, first > 0, next >= first, next < UInt64.max >> 1,
                offset <= UInt64(Format.segmentBytesMax)
            else { throw FormatError("the mark names a place that cannot be") }
            end = End(
                segmentNumber: number, salt: salt, firstPosition: first, nextPosition: next,
                offset: Int(offset), checksum: checksum)
        }
        guard self.fileOffset == fileOffset else { throw FormatError("the mark stands in the other's place") }
    }
}

extension StoreMark.End {
    fileprivate init(
        segmentNumber: UInt64, salt: UInt32, firstPosition: UInt64, nextPosition: UInt64, offset: Int,
        checksum: UInt32
    ) {
        self.segmentNumber = segmentNumber
        self.salt = salt
        self.firstPosition = firstPosition
        self.nextPosition = nextPosition
        self.offset = offset
        self.checksum = checksum
    }
}
