// The checksum of everything on disk: CRC-32C, by the processor's instruction where it has one.
// A checksum says that bytes are what was written; it never stands in for a check of lengths.

internal import CRecallSystem

/// CRC-32C as in RFC 3720.
package enum Checksum {
    /// The checksum of `bytes`, or of what `previous` covers followed by `bytes`.
    /// - Parameter previous: the finished checksum of the bytes that come before; 0 for none.
    package static func crc32c(_ bytes: RawSpan, after previous: UInt32 = 0) -> UInt32 {
        bytes.withUnsafeBytes { recall_crc32c(previous, $0.baseAddress, $0.count) }
    }

    /// The checksum of a buffer, for hot loops over mapped memory.
    package static func crc32c(_ bytes: UnsafeRawBufferPointer, after previous: UInt32 = 0) -> UInt32 {
        recall_crc32c(previous, bytes.baseAddress, bytes.count)
    }
}
