// Randomness that a number repeats: every random test prints its seed, and the seed gives the same
// run again on every platform.

/// SplitMix64: small, fast, and the same everywhere. Not for secrets.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// - Parameter seed: the same seed gives the same numbers.
    public init(seed: UInt64) { state = seed }

    /// The next 64 bits: all of them are random, and the same for the same seed on every platform.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
