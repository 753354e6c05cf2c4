// The header of a segment: what ties its frames to this store and to this use of the file.
// Layout: docs/format.md, "Segment header".

/// What the first sector of a segment holds, and another one 4 KiB behind it again.
package struct SegmentHeader: Hashable, Sendable {
    package var storeID: RawIdentifier
    /// From 1, without gaps.
    package var number: UInt64
    /// Random for each use of a file, so that frames of an earlier use do not pass for its own.
    package var salt: UInt32
    package var epoch: UInt32
    package var firstPosition: UInt64
    /// Microseconds since 1970, from which the frames count theirs.
    package var baseTime: Int64
    package var capacity: Int
    /// Size of each copy of the dictionary in bytes; 0 for a segment without one.
    package var dictionarySize = 0
    /// Whether the frames were written again, for density, after the segment was sealed; else they are as appended.
    package var isRewritten = false
    /// What a later program says beyond.
    package private(set) var extensions = HeaderExtensions.none
    /// Bugs that tests put into whoever reads or writes the segment.
    package var sabotages = Sabotages()

    /// Where the frames begin: behind both copies of the header and of the dictionary.
    package var framesOffset: Int {
        guard dictionarySize > 0 else { return Format.headerCopiesSize }
        return SegmentDictionary.offset(ofCopy: Format.dictionaryCopyCount - 1, in: self) + dictionarySize
    }

    /// What the checksums of frames cover of the salt: all of it.
    @inline(__always)
    var checkedSalt: UInt32 { sabotages.contains(.ignoreSaltOfFrames) ? 0 : salt }

    package init(
        storeID: RawIdentifier, number: UInt64, salt: UInt32, epoch: UInt32, firstPosition: UInt64,
        baseTime: Int64, capacity: Int
    ) {
        self.storeID = storeID
        self.number = number
        self.salt = salt
        self.epoch = epoch
        self.firstPosition = firstPosition
        self.baseTime = baseTime
        self.capacity = capacity
    }

    /// Writes both copies.
    package func encode(to writer: inout ByteWriter) {
        HeaderCopies.encode(to: &writer) { encodeCopy(to: &$0) }
    }

    private func encodeCopy(to writer: inout ByteWriter) {
        HeaderSector.begin(&writer, magic: Format.segmentMagic)
        writer.identifier(storeID)
        writer.integer(number)
        writer.integer(salt)
        writer.integer(epoch)
        writer.integer(firstPosition)
        writer.integer(baseTime)
        writer.integer(UInt64(capacity))
        writer.integer(UInt32(dictionarySize))
        writer.integer(UInt32(isRewritten ? 1 : 0))
        HeaderSector.finish(&writer)
    }

    /// Reads a copy that must be of a certain segment.
    package init(
        decoding bytes: RawSpan, number: UInt64, storeID: RawIdentifier
    ) throws(FormatError) {
        try self.init(decoding: bytes)
        guard self.storeID == storeID, self.number == number else {
            throw FormatError("the segment header belongs to another store or place")
        }
    }

    /// Reads one copy.
    package init(decoding bytes: RawSpan) throws(FormatError) {
        var reader = try HeaderSector.open(bytes, magic: Format.segmentMagic, what: "segment header")
        storeID = try reader.identifier(bytes)
        number = try reader.integer(UInt64.self, bytes)
        salt = try reader.integer(UInt32.self, bytes)
        epoch = try reader.integer(UInt32.self, bytes)
        firstPosition = try reader.integer(UInt64.self, bytes)
        baseTime = try reader.integer(Int64.self, bytes)
        let size = try reader.integer(UInt64.self, bytes)
        guard number > 0, firstPosition > 0, firstPosition < UInt64.max >> 1 else {
            throw FormatError("the segment header states an impossible number or position")
        }
        guard number > 1 || firstPosition == 1 else {
            throw FormatError("the first segment begins at position \(firstPosition), not at 1")
        }
        guard size >= Format.segmentBytesMin, size <= Format.segmentBytesMax else {
            throw FormatError("the segment header states a capacity of \(size) bytes")
        }
        capacity = Int(size)
        dictionarySize = Int(try reader.integer(UInt32.self, bytes))
        isRewritten = try reader.integer(UInt32.self, bytes) != 0
        guard framesOffset <= capacity / 2 else {
            throw FormatError("the segment header states a dictionary of \(dictionarySize) bytes")
        }
        extensions = try HeaderExtensions(
            bytes, in: reader.offset ..< Format.headerChecksumOffset, of: "segment header")
    }
}
