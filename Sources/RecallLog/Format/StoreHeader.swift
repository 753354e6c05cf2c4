// The header of a store: who it is, and what a program must understand to use it.
// Layout: docs/format.md, "Store header".

/// What the file `store` holds, twice.
package struct StoreHeader: Hashable, Sendable {
    package var storeID: RawIdentifier
    /// Which history of the store this is: another one since each restore to an earlier moment.
    package var incarnation: RawIdentifier
    package var createdAt: Int64
    package var ignorableFeatures: UInt64 = 0
    package var readFeatures: UInt64 = 0
    package var requiredFeatures: UInt64 = 0
    package var segmentBytes: Int
    /// What a later program says beyond.
    package private(set) var extensions = HeaderExtensions.none

    package init(
        storeID: RawIdentifier, incarnation: RawIdentifier, createdAt: Int64, segmentBytes: Int
    ) {
        self.storeID = storeID
        self.incarnation = incarnation
        self.createdAt = createdAt
        self.segmentBytes = segmentBytes
    }

    /// Writes both copies.
    package func encode(to writer: inout ByteWriter) {
        HeaderCopies.encode(to: &writer) { encodeCopy(to: &$0) }
    }

    /// Copies of a header in bytes, fields that this program does not know among them, with another incarnation.
    package static func copies(_ bytes: [UInt8], of incarnation: RawIdentifier) -> [UInt8] {
        var id = ByteWriter(capacity: 16)
        id.identifier(incarnation)
        let idBytes = id.withBytes { bytes in bytes.withUnsafeBytes { [UInt8]($0) } }
        var copies = bytes
        for copy in 0 ..< Format.headerCopyCount {
            let start = HeaderCopies.offset(ofCopy: copy)
            guard copies.count >= start + Format.headerSize else { break }
            let place = start + Format.storeIncarnationOffset
            copies.replaceSubrange(place ..< place + idBytes.count, with: idBytes)
            let end = start + Format.headerChecksumOffset
            let summed = copies[start ..< end][...]
            let checksum = Checksum.crc32c(summed.span.bytes)
            for index in 0 ..< 4 {
                copies[end + index] = UInt8(truncatingIfNeeded: checksum >> (8 * UInt32(index)))
            }
        }
        return copies
    }

    private func encodeCopy(to writer: inout ByteWriter) {
        HeaderSector.begin(&writer, magic: Format.storeMagic, kind: 1)
        writer.identifier(storeID)
        writer.integer(createdAt)
        writer.integer(ignorableFeatures)
        writer.integer(readFeatures)
        writer.integer(requiredFeatures)
        writer.integer(UInt64(segmentBytes))
        writer.identifier(incarnation)
        HeaderSector.finish(&writer)
    }

    /// Reads one copy.
    package init(decoding bytes: RawSpan) throws(FormatError) {
        var reader = try HeaderSector.open(bytes, magic: Format.storeMagic, what: "store header")
        storeID = try reader.identifier(bytes)
        createdAt = try reader.integer(Int64.self, bytes)
        ignorableFeatures = try reader.integer(UInt64.self, bytes)
        readFeatures = try reader.integer(UInt64.self, bytes)
        requiredFeatures = try reader.integer(UInt64.self, bytes)
        let size = try reader.integer(UInt64.self, bytes)
        guard size >= Format.segmentBytesMin, size <= Format.segmentBytesMax else {
            throw FormatError("the store header states a segment size of \(size) bytes")
        }
        segmentBytes = Int(size)
        incarnation = try reader.identifier(bytes)
        extensions = try HeaderExtensions(
            bytes, in: reader.offset ..< Format.headerChecksumOffset, of: "store header")
    }
}
