// What the store, segment and index headers share: one sector that begins with a magic, a version and
// its size, and ends with a checksum.

/// Reads and writes the frame of a 512-byte header.
package enum HeaderSector {
    /// Checks magic, checksum, version and size.
    /// - Returns: a reader of the fields between, behind the size.
    package static func open(
        _ bytes: RawSpan, magic: UInt64, what: String
    ) throws(FormatError) -> ByteReader {
        guard bytes.byteCount >= Format.headerSize else { throw FormatError("the \(what) is cut short") }
        var reader = ByteReader(0 ..< Format.headerSize)
        guard try reader.integer(UInt64.self, bytes) == magic else {
            throw FormatError("the \(what) does not begin as one")
        }
        var trailer = ByteReader(Format.headerChecksumOffset ..< Format.headerSize)
        let stated = try trailer.integer(UInt32.self, bytes)
        guard stated == Checksum.crc32c(bytes.extracting(0 ..< Format.headerChecksumOffset)) else {
            throw FormatError("the checksum of the \(what) does not hold")
        }
        let version = try reader.integer(UInt16.self, bytes)
        guard version == Format.version else {
            var error = FormatError(
                "the \(what) has format version \(version), and this program reads version \(Format.version)")
            error.isOfUnknownVersion = true
            throw error
        }
        _ = try reader.integer(UInt16.self, bytes)
        guard try reader.integer(UInt32.self, bytes) == UInt32(Format.headerSize) else {
            throw FormatError("the \(what) states a size that is not its own")
        }
        return reader
    }

    package static func begin(_ writer: inout ByteWriter, magic: UInt64, kind: UInt16 = 0) {
        writer.integer(magic)
        writer.integer(Format.version)
        writer.integer(kind)
        writer.integer(UInt32(Format.headerSize))
    }

    /// Fills up with zeros and puts the checksum at the end.
    package static func finish(_ writer: inout ByteWriter) {
        writer.pad(to: Format.headerChecksumOffset)
        let checksum = writer.withBytes { Checksum.crc32c($0) }
        writer.integer(checksum)
    }
}
