// The first sector of a snapshot file: which store it belongs to, which of its files it is, and which
// older files no longer count.

internal import Recall

/// The header of a snapshot file.
struct SnapshotFileHeader: Hashable, Sendable {
    var storeID: RawIdentifier
    /// The file's number, as its name states it.
    var number: UInt32
    /// Files of lower numbers are ignored: what counted in them was copied into this one or an earlier.
    /// So a deletion that a crash took back brings no removed snapshot back.
    var oldestNumber: UInt32
    var time: Timestamp

    /// Appends the header's sector.
    /// - Returns: the header's checksum, with which the checksum of each record of the file begins.
    func encode(to writer: inout ByteWriter) -> UInt32 {
        HeaderSector.begin(&writer, magic: SnapshotFormat.magic)
        writer.identifier(storeID)
        writer.integer(number)
        writer.integer(oldestNumber)
        writer.integer(time.microsecondsSince1970)
        HeaderSector.finish(&writer)
        return writer.withBytes { SnapshotFileHeader.checksum($0) }
    }

    init(storeID: RawIdentifier, number: UInt32, oldestNumber: UInt32, time: Timestamp) {
        self.storeID = storeID
        self.number = number
        self.oldestNumber = oldestNumber
        self.time = time
    }

    /// - Parameter bytes: the first sector of a file.
    init(decoding bytes: RawSpan) throws(FormatError) {
        var reader = try HeaderSector.open(bytes, magic: SnapshotFormat.magic, what: "snapshot file's header")
        storeID = try reader.identifier(bytes)
        number = try reader.integer(UInt32.self, bytes)
        oldestNumber = try reader.integer(UInt32.self, bytes)
        time = Timestamp(microsecondsSince1970: try reader.integer(Int64.self, bytes))
        guard oldestNumber <= number else {
            throw FormatError("the snapshot file's header contradicts itself")
        }
    }

    /// The checksum that a header's sector states: of the bytes before it. (Over the whole sector, its own
    /// checksum included, a CRC is the same number for every header.)
    static func checksum(_ bytes: RawSpan) -> UInt32 {
        Checksum.crc32c(bytes.extracting(0 ..< Format.headerChecksumOffset))
    }
}
