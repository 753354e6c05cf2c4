// A snapshot as an item's value, encode beside decode. What comes from the network is believed only when its checksum holds, its
// lengths fit what is there, and it is about the aggregate that was asked for.
//
//     offset  size
//          0     4  "RCMS"
//          4     1  version: 1
//          5     1  0: the payload follows; 1: the payload is divided
//          6     2  bytes of the aggregate type
//          8     4  CRC-32C of bytes 0 to 7 and of all from 12 on
//         12    16  aggregate id
//         28    32  version, position, schema fingerprint, time (little-endian, 8 bytes each)
//         60        aggregate type; then the payload, or the parts' id (8), size of the payload (8), size of a part (4), CRC-32C
//                   of the payload (4)

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif
package import Recall

/// What an item holds.
package struct SnapshotValue: Hashable, Sendable {
    /// A payload that lies in items of its own.
    package struct Parts: Hashable, Sendable {
        /// Part of their keys; drawn at random for each saving, so that parts of two are never mixed.
        package var id: UInt64
        package var payloadSize: Int
        /// The size of each but the last.
        package var partSize: Int
        package var checksum: UInt32

        package init(id: UInt64, payloadSize: Int, partSize: Int, checksum: UInt32) {
            self.id = id
            self.payloadSize = payloadSize
            self.partSize = partSize
            self.checksum = checksum
        }

        package var count: Int { payloadSize == 0 ? 0 : (payloadSize - 1) / partSize + 1 }

        /// Where in the payload a part lies.
        package func range(_ index: Int) -> Range<Int> {
            index * partSize ..< min((index + 1) * partSize, payloadSize)
        }
    }

    /// Empty where the payload is divided.
    package var snapshot: Snapshot
    package var parts: Parts?

    package static let headerSize = 60
    private static let magic: UInt32 = 0x534D_4352
    private static let version: UInt8 = 1
    private static let partsSize = 24

    // MARK: Encoding

    package func encoded() -> Data {
        var bytes = Data()
        bytes.reserveCapacity(Self.headerSize + 255 + snapshot.payload.count)
        let type = Array(snapshot.aggregateType.rawValue.utf8)
        bytes.append(Self.magic)
        bytes.append(Self.version)
        bytes.append(parts == nil ? 0 : 1 as UInt8)
        bytes.append(UInt16(clamping: type.count))
        bytes.append(UInt32(0))
        withUnsafeBytes(of: snapshot.aggregateID.uuid.uuid) { bytes.append(contentsOf: $0) }
        bytes.append(snapshot.version.rawValue)
        bytes.append(snapshot.position.rawValue)
        bytes.append(snapshot.schemaFingerprint)
        bytes.append(snapshot.time.microsecondsSince1970)
        bytes.append(contentsOf: type)
        if let parts {
            bytes.append(parts.id)
            bytes.append(UInt64(parts.payloadSize))
            bytes.append(UInt32(parts.partSize))
            bytes.append(parts.checksum)
        } else {
            bytes.append(snapshot.payload)
        }
        let checksum = bytes.withUnsafeBytes { Self.checksum($0) }
        withUnsafeBytes(of: checksum.littleEndian) { bytes.replaceSubrange(8 ..< 12, with: $0) }
        return bytes
    }

    /// Of all bytes of a value but the checksum itself, of which there are at least as many as its header has.
    package static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        CRC32C.checksum(
            UnsafeRawBufferPointer(rebasing: bytes[12...]),
            after: CRC32C.checksum(UnsafeRawBufferPointer(rebasing: bytes[..<8])))
    }

    // MARK: Decoding

    package init(_ snapshot: Snapshot, parts: Parts? = nil) {
        self.snapshot = snapshot
        self.parts = parts
    }

    /// Nil where the bytes are not what this version writes.
    /// - Parameters:
    ///   - bytes: an item's value.
    ///   - aggregateID: what was asked for.
    ///   - payloadBytesMax: how large a payload may be that is divided.
    package init?(decoding bytes: Data, of aggregateID: AggregateID, payloadBytesMax: Int) {
        let found = bytes.withUnsafeBytes { bytes -> (Snapshot, Parts?, payloadStart: Int)? in
            guard bytes.count >= Self.headerSize, Self.integer(bytes, 0) == Self.magic,
                bytes[4] == Self.version, bytes[5] <= 1, Self.integer(bytes, 8) == Self.checksum(bytes)
            else { return nil }
            let typeSize = Int(Self.integer(bytes, 6) as UInt16)
            let end = Self.headerSize + typeSize
            guard end <= bytes.count,
                let type = String(validating: bytes[Self.headerSize ..< end], as: UTF8.self)
            else { return nil }
            let id = withUnsafeBytes(of: aggregateID.uuid.uuid) { $0.elementsEqual(bytes[12 ..< 28]) }
            guard id else { return nil }
            let snapshot = Snapshot(
                aggregateID: aggregateID, aggregateType: AggregateType(type),
                version: Version(Self.integer(bytes, 28)), position: Position(Self.integer(bytes, 36)),
                schemaFingerprint: Self.integer(bytes, 44),
                time: Timestamp(microsecondsSince1970: Self.integer(bytes, 52)), payload: Data())
            if bytes[5] == 0 { return (snapshot, nil, end) }
            guard bytes.count == end + Self.partsSize,
                let size = Int(exactly: Self.integer(bytes, end + 8) as UInt64), size <= payloadBytesMax
            else { return nil }
            let partSize = Int(Self.integer(bytes, end + 16) as UInt32)
            // Smaller ones would be more items than a snapshot is worth.
            guard partSize >= 1024 else { return nil }
            let parts = Parts(
                id: Self.integer(bytes, end), payloadSize: size, partSize: partSize,
                checksum: Self.integer(bytes, end + 20))
            return (snapshot, parts, end)
        }
        guard let (snapshot, parts, payloadStart) = found else { return nil }
        self.snapshot = snapshot
        self.parts = parts
        if parts == nil { self.snapshot.payload = Data(bytes.dropFirst(payloadStart)) }
    }

    private static func integer<T: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer, _ offset: Int
    ) -> T {
        T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
    }
}

extension Data {
    fileprivate mutating func append<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}
