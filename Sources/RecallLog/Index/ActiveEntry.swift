// The elements of the index in memory, each as small as it can be: a segment has up to a million of them.

/// An aggregate in 28 bytes.
struct ActiveEntry: BitwiseCopyable, Sendable {
    // Halves of 32 bits, since whole ones would be padded to 32 bytes.
    private var idWords: (UInt32, UInt32, UInt32, UInt32)
    /// Both are `UInt32.max` where one of them does not fit: then the index keeps them elsewhere.
    var version: UInt32
    /// The graph position, less the first position that the index covers.
    var graphDelta: UInt32
    /// The newest reference.
    var reference: UInt32

    @inline(__always)
    init(id: RawIdentifier, reference: UInt32) {
        idWords = (
            UInt32(truncatingIfNeeded: id.high >> 32), UInt32(truncatingIfNeeded: id.high),
            UInt32(truncatingIfNeeded: id.low >> 32), UInt32(truncatingIfNeeded: id.low)
        )
        version = .max
        graphDelta = .max
        self.reference = reference
    }

    @inline(__always)
    var id: RawIdentifier {
        RawIdentifier(
            high: UInt64(idWords.0) << 32 | UInt64(idWords.1),
            low: UInt64(idWords.2) << 32 | UInt64(idWords.3))
    }

    @inline(__always)
    var isWide: Bool { version == .max && graphDelta == .max }
}

/// A frame that lists an aggregate.
struct ActiveReference: BitwiseCopyable, Sendable {
    var offset: UInt32
    /// Where the one before it stands, plus 1; 0 for the first.
    var previous: UInt32
}

/// Where a commit frame begins.
struct ActivePosition: BitwiseCopyable, Sendable {
    /// The position of its first event, less the first one that the index covers.
    var delta: UInt32
    var offset: UInt32
}
