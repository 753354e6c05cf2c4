// The filters of an index file: blocked Bloom filters, which say of a key with one look at 64 bytes that
// it is certainly not there, or most likely is. Their lines are in the order of the fingerprints, as
// the entries are, so that a filter is written line by line and no more than one is in memory.
// Layout: docs/format.md, "Indexes".

/// Where the bits of a fingerprint are.
enum IndexFilter {
    /// The line of a fingerprint.
    @inline(__always)
    static func line(of fingerprint: UInt32, lineCount: Int) -> Int {
        Int((UInt64(fingerprint) &* UInt64(lineCount)) >> 32)
    }

    /// From which the bits are taken, nine at a time, from the lowest on.
    @inline(__always)
    private static func spread(_ fingerprint: UInt32) -> UInt64 {
        var value = UInt64(fingerprint) &* 0x9E37_79B9_7F4A_7C15
        value = (value ^ (value >> 32)) &* 0xD6E8_FEB8_6659_FD93
        return value ^ (value >> 32)
    }

    /// Whether all bits of a fingerprint are set in its line.
    @inline(__always)
    static func mayHold(_ fingerprint: UInt32, line: UnsafeRawPointer) -> Bool {
        var bits = spread(fingerprint)
        for _ in 0 ..< IndexFormat.filterProbeCount {
            let bit = Int(truncatingIfNeeded: bits & 511)
            let byte = line.load(fromByteOffset: bit >> 3, as: UInt8.self)
            if byte & (1 << UInt8(bit & 7)) == 0 { return false }
            bits >>= 9
        }
        return true
    }

    /// Sets the bits of a fingerprint in its line.
    @inline(__always)
    static func add(_ fingerprint: UInt32, to line: UnsafeMutableRawPointer) {
        var bits = spread(fingerprint)
        for _ in 0 ..< IndexFormat.filterProbeCount {
            let bit = Int(truncatingIfNeeded: bits & 511)
            let byte = line.load(fromByteOffset: bit >> 3, as: UInt8.self)
            line.storeBytes(of: byte | (1 << UInt8(bit & 7)), toByteOffset: bit >> 3, as: UInt8.self)
            bits >>= 9
        }
    }
}
