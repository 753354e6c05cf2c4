// A hash that is the same in every process and on every platform, which Swift's own is not.
// Source: Fowler, Noll, Vo, FNV-1a with 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/).

/// The FNV-1a hash with 64 bits.
struct FNV1a: Sendable {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ text: String) {
        for byte in text.utf8 {
            value ^= UInt64(byte)
            value &*= 0x0000_0100_0000_01b3
        }
    }
}
