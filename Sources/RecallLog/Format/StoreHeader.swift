// The header of a store: who it is, and what a program must understand to use it.
// Layout: docs/format.md, "Store header".

/// What the file `store` holds, twice.
package struct StoreHeader: Hashable, Sendable {
    package var storeID: RawIdentifier
    package var createdAt: Int64
    package var ignorableFeatures: UInt64 = 0
    package var readFeatures: UInt64 = 0
    package var requiredFeatures: UInt64 = 0
    package var segmentBytes: Int

    package init(storeID: RawIdentifier, createdAt: Int64, segmentBytes: Int) {
        self.storeID = storeID
        self.createdAt = createdAt
        self.segmentBytes = segmentBytes
    }

    /// Writes both copies.
    package func encode(to writer: inout ByteWriter) {
        HeaderCopies.encode(to: &writer) { encodeCopy(to: &$0) }
    }

    private func encodeCopy(to writer: inout ByteWriter) {
        HeaderSector.begin(&writer, magic: Format.storeMagic, kind: 1)
        writer.identifier(storeID)
        writer.integer(createdAt)
        writer.integer(ignorableFeatures)
        writer.integer(readFeatures)
        writer.integer(requiredFeatures)
        writer.integer(UInt64(segmentBytes))
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
    }
}
