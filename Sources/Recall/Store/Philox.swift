// A counter as random bits: Philox2x64-10.
//
// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011
// (https://doi.org/10.1145/2063384.2063405), which shows that it passes BigCrush with six rounds. Not a
// cipher: the key can be found from the output.

/// The permutation Philox2x64 with ten rounds.
enum Philox {
    /// For each key another permutation of all 128-bit values, so that different values stay different.
    static func permute(_ value: (UInt64, UInt64), key: UInt64) -> (UInt64, UInt64) {
        var (first, second) = value
        var roundKey = key
        for _ in 0 ..< 10 {
            let product = first.multipliedFullWidth(by: 0xD2B7_4407_B1CE_6E93)
            first = product.high ^ roundKey ^ second
            second = product.low
            roundKey &+= 0x9E37_79B9_7F4A_7C15
        }
        return (first, second)
    }
}
