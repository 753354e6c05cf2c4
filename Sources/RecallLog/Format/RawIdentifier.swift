// A UUID as two integers, which is how the engine compares, hashes and stores it.

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// The 16 bytes of a UUID, in the order of its text, as two big-endian halves.
package struct RawIdentifier: Hashable, Comparable, Sendable, BitwiseCopyable {
    package var high: UInt64
    package var low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package init(_ uuid: UUID) {
        self = withUnsafeBytes(of: uuid.uuid) { bytes in
            RawIdentifier(
                high: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
    }

    /// Reads 16 bytes; the caller has checked that they are there.
    @inline(__always)
    package init(_ bytes: RawSpan, at offset: Int) {
        high = UInt64(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
        low = UInt64(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
    }

    package var uuid: UUID {
        var bytes: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        withUnsafeMutableBytes(of: &bytes) { bytes in
            bytes.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
            bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return UUID(uuid: bytes)
    }

    package static func < (left: RawIdentifier, right: RawIdentifier) -> Bool {
        left.high == right.high ? left.low < right.low : left.high < right.high
    }

    /// A number that equal identifiers share and different ones hardly ever do, spread evenly whatever
    /// kind of UUID they are: all bits of both halves count. Format: the order of the index files.
    @inline(__always)
    package var mixed: UInt64 {
        var value = low ^ (high &* 0x9E37_79B9_7F4A_7C15)
        value = (value ^ (value >> 32)) &* 0xD6E8_FEB8_6659_FD93
        value = (value ^ (value >> 32)) &* 0xD6E8_FEB8_6659_FD93
        return value ^ (value >> 32)
    }

    /// The high half of `mixed`. Format: event ids in an index.
    @inline(__always)
    package var fingerprint: UInt32 { UInt32(truncatingIfNeeded: mixed >> 32) }
}
