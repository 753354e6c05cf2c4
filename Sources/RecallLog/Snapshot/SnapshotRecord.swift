// One record of a snapshot file, encode beside decode. A record is believed only when its checksum holds,
// and its lengths only when they fit what is there, so damaged bytes are never taken for a snapshot.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
internal import Recall

/// A record as it stands in a file, its payload still packed.
struct SnapshotRecord: Sendable {
    /// What a record that is no removal holds.
    struct Contents: Sendable {
        var version: Version
        var position: Position
        var schemaFingerprint: UInt64
        var time: Timestamp
        /// Where in the record's bytes the name of the type lies.
        var aggregateType: Range<Int>
        var isCompressed: Bool
        /// The size of the payload, unpacked.
        var payloadSize: Int
        /// Where in the record's bytes the payload lies.
        var payload: Range<Int>
    }

    var aggregateID: RawIdentifier
    /// Nil for a removal.
    var contents: Contents?

    /// Reads the size that a record states, from its first eight bytes.
    static func size(_ bytes: RawSpan) throws(FormatError) -> Int {
        var reader = ByteReader(0 ..< bytes.byteCount)
        _ = try reader.integer(UInt32.self, bytes)
        let size = Int(try reader.integer(UInt32.self, bytes))
        guard size >= SnapshotFormat.recordSizeMin, size <= SnapshotFormat.recordSizeMax else {
            throw FormatError("it states a size that no record has")
        }
        return size
    }

    /// - Parameters:
    ///   - bytes: the whole record.
    ///   - seed: the checksum of the header of the file that the record stands in.
    ///   - sabotages: bugs that tests put in.
    /// - Throws: where the checksum does not hold, or the record is not what this version writes.
    init(
        decoding bytes: RawSpan, seed: UInt32, sabotages: Sabotages = Sabotages()
    ) throws(FormatError) {
        var reader = ByteReader(0 ..< bytes.byteCount)
        let checksum = try reader.integer(UInt32.self, bytes)
        guard
            checksum == Checksum.crc32c(bytes.extracting(4 ..< bytes.byteCount), after: seed)
                || sabotages.contains(.acceptBadSnapshot)
        else {
            throw FormatError("its checksum does not hold")
        }
        guard Int(try reader.integer(UInt32.self, bytes)) == bytes.byteCount else {
            throw FormatError("it states another size")
        }
        let flags = try reader.byte(bytes)
        aggregateID = try reader.identifier(bytes)
        guard flags & ~SnapshotFormat.knownFlags == 0 else {
            throw FormatError("it has flags of a later version")
        }
        if flags & SnapshotFormat.removalFlag != 0 { return }
        let version = Version(try reader.varint(bytes))
        let position = Position(try reader.varint(bytes))
        let schemaFingerprint = try reader.integer(UInt64.self, bytes)
        let time = Timestamp(microsecondsSince1970: try reader.zigzag(bytes))
        let aggregateType = try reader.sized(bytes)
        let statedSize = try reader.varint(bytes)
        let payload = try reader.take(reader.remainingCount)
        let isCompressed = flags & SnapshotFormat.compressedFlag != 0
        guard let payloadSize = Int(exactly: statedSize), payloadSize <= SnapshotFormat.payloadBytesMax,
            isCompressed || payloadSize == payload.count,
            // No LZ4 block unpacks to more than 255 times its size.
            payloadSize / 255 <= payload.count
        else { throw FormatError("it states a payload that it cannot hold") }
        contents = Contents(
            version: version, position: position, schemaFingerprint: schemaFingerprint, time: time,
            aggregateType: aggregateType, isCompressed: isCompressed, payloadSize: payloadSize,
            payload: payload)
    }

    /// The snapshot of a record that `init(decoding:)` accepted.
    /// - Parameter bytes: the same bytes.
    func snapshot(_ bytes: RawSpan) throws(FormatError) -> Snapshot? {
        guard let contents else { return nil }
        let name = bytes.extracting(contents.aggregateType).withUnsafeBytes {
            String(validating: $0, as: UTF8.self)
        }
        guard let name else { throw .utf8 }
        let packed = bytes.extracting(contents.payload)
        var payload = Data(count: contents.payloadSize)
        if contents.isCompressed {
            let isWhole = payload.withUnsafeMutableBytes {
                LZ4.decompress(packed, into: $0)
            }
            guard isWhole else { throw FormatError("its payload cannot be unpacked") }
        } else {
            payload = packed.withUnsafeBytes { Data($0) }
        }
        return Snapshot(
            aggregateID: AggregateID(aggregateID.uuid), aggregateType: AggregateType(rawValue: name),
            version: contents.version, position: contents.position,
            schemaFingerprint: contents.schemaFingerprint, time: contents.time, payload: payload)
    }
}

extension SnapshotRecord {
    /// Appends the record of a snapshot, whose sizes the caller has checked.
    /// - Parameter seed: the checksum of the header of the file that the record is for.
    static func encode(_ snapshot: Snapshot, seed: UInt32, to writer: inout ByteWriter) {
        var packed = ByteWriter(capacity: 4096)
        let isCompressed = snapshot.payload.withUnsafeBytes { LZ4.compress($0.bytes, to: &packed) }
        let start = begin(
            RawIdentifier(snapshot.aggregateID.uuid),
            flags: isCompressed ? SnapshotFormat.compressedFlag : 0, &writer)
        writer.varint(snapshot.version.rawValue)
        writer.varint(snapshot.position.rawValue)
        writer.integer(snapshot.schemaFingerprint)
        writer.zigzag(snapshot.time.microsecondsSince1970)
        writer.string(snapshot.aggregateType.rawValue)
        writer.varint(snapshot.payload.count)
        if isCompressed {
            packed.withBytes { writer.bytes($0) }
        } else {
            snapshot.payload.withUnsafeBytes { writer.bytes($0) }
        }
        finish(start, seed: seed, &writer)
    }

    /// Appends a record that says that an aggregate has no snapshot any more.
    static func encodeRemoval(of aggregate: RawIdentifier, seed: UInt32, to writer: inout ByteWriter) {
        let start = begin(aggregate, flags: SnapshotFormat.removalFlag, &writer)
        finish(start, seed: seed, &writer)
    }

    /// Appends a record of one file as a record of another.
    static func copy(_ bytes: RawSpan, seed: UInt32, to writer: inout ByteWriter) {
        let start = writer.count
        writer.bytes(bytes)
        finish(start, seed: seed, &writer)
    }

    private static func begin(_ aggregate: RawIdentifier, flags: UInt8, _ writer: inout ByteWriter) -> Int {
        let start = writer.count
        writer.integer(UInt32(0))
        writer.integer(UInt32(0))
        writer.byte(flags)
        writer.identifier(aggregate)
        return start
    }

    /// Fills in the size and the checksum.
    private static func finish(_ start: Int, seed: UInt32, _ writer: inout ByteWriter) {
        writer.replace(UInt32(writer.count - start), at: start + 4)
        let checksum = writer.withBytes {
            Checksum.crc32c($0.extracting(start + 4 ..< $0.byteCount), after: seed)
        }
        writer.replace(checksum, at: start)
    }
}
