// CRC-32C over what comes from the network: it tells accidents and other programs' values from ours, not an attacker's, who
// could compute it as well.

/// CRC-32C as in RFC 3720, eight bytes at a time.
enum CRC32C {
    /// For each of eight places in a word, what each byte there contributes.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0 ..< 256 {
            var value = UInt32(byte)
            for _ in 0 ..< 8 { value = value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
            tables[byte] = value
        }
        for index in 256 ..< tables.count {
            let before = tables[index - 256]
            tables[index] = before >> 8 ^ tables[Int(before & 0xFF)]
        }
        return tables
    }()

    /// The checksum of bytes, or of what `previous` covers followed by them.
    static func checksum(_ bytes: UnsafeRawBufferPointer, after previous: UInt32 = 0) -> UInt32 {
        tables.withUnsafeBufferPointer { tables in
            var value = ~previous
            var index = 0
            while index + 8 <= bytes.count {
                let word =
                    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                    ^ UInt64(value)
                value = 0
                for place in 0 ..< 8 {
                    value ^= tables[(7 - place) &* 256 &+ Int((word >> UInt64(8 &* place)) & 0xFF)]
                }
                index += 8
            }
            while index < bytes.count {
                value = value >> 8 ^ tables[Int((value ^ UInt32(bytes[index])) & 0xFF)]
                index += 1
            }
            return ~value
        }
    }
}
