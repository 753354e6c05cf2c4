// Which of a cluster's 16,384 slots a key has: CRC-16 (XMODEM: polynomial 0x1021, from 0) of its hash tag, as the
// specification of Redis Cluster has it.

/// Slots of a cluster.
enum ClusterSlot {
    static let count: UInt16 = 16_384

    /// The slot of all keys with a hash tag.
    static func number(of tag: String) -> UInt16 { crc16(Array(tag.utf8)) % count }

    static func crc16(_ bytes: [UInt8]) -> UInt16 {
        var crc: UInt16 = 0
        for byte in bytes {
            crc ^= UInt16(byte) << 8
            for _ in 0 ..< 8 { crc = crc & 0x8000 != 0 ? (crc << 1) ^ 0x1021 : crc << 1 }
        }
        return crc
    }
}
