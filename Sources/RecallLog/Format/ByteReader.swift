// Reads the elements of the format from bytes that nobody vouches for. Every read is checked against
// the end, so a wrong length costs an error, never a read outside or an allocation.

/// Bytes that are not what the format requires.
package struct FormatError: Error, Hashable, Sendable, CustomStringConvertible {
    package var reason: String
    package init(_ reason: String) { self.reason = reason }
    package var description: String { reason }

    package static let truncated = FormatError("it ends too early")
    package static let varint = FormatError("it holds a malformed number")
    package static let utf8 = FormatError("it holds a string that is not UTF-8")
    package static let count = FormatError("it holds a count larger than what follows")
}

/// A place in bytes, moved forward by each read. The bytes are passed to each call, so that they stay borrowed.
package struct ByteReader {
    package private(set) var offset: Int
    package let end: Int

    package init(_ range: Range<Int>) {
        offset = range.lowerBound
        end = range.upperBound
    }

    package var remainingCount: Int { end - offset }

    /// Steps over `count` bytes and returns where they are.
    package mutating func take(_ count: Int) throws(FormatError) -> Range<Int> {
        guard count >= 0, count <= end - offset else { throw .truncated }
        defer { offset += count }
        return offset ..< offset + count
    }

    package mutating func byte(_ bytes: RawSpan) throws(FormatError) -> UInt8 {
        guard offset < end else { throw .truncated }
        defer { offset += 1 }
        return bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    package mutating func integer<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: T.Type, _ bytes: RawSpan
    ) throws(FormatError) -> T {
        let range = try take(MemoryLayout<T>.size)
        return T(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: range.lowerBound, as: T.self))
    }

    @inline(__always)
    package mutating func varint(_ bytes: RawSpan) throws(FormatError) -> UInt64 {
        guard offset < end else { throw .truncated }
        let first = bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
        if first < 0x80 {
            offset += 1
            return UInt64(first)
        }
        return try longVarint(bytes)
    }

    /// A number that is at most `max`.
    @inline(__always)
    package mutating func varint(_ bytes: RawSpan, max: UInt64) throws(FormatError) -> UInt64 {
        let value = try varint(bytes)
        guard value <= max else { throw .varint }
        return value
    }

    private mutating func longVarint(_ bytes: RawSpan) throws(FormatError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte(bytes)
            // The tenth byte has room for one bit; a last byte of zero would be a second spelling.
            if shift == 63, next > 1 { throw .varint }
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 {
                if next == 0 { throw .varint }
                return value
            }
            shift += 7
        }
    }

    package mutating func zigzag(_ bytes: RawSpan) throws(FormatError) -> Int64 {
        let raw = try varint(bytes)
        return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
    }

    /// A count of things of which each takes at least `minimumSize` bytes.
    package mutating func count(_ bytes: RawSpan, minimumSize: Int) throws(FormatError) -> Int {
        let raw = try varint(bytes)
        guard let count = Int(exactly: raw), count <= (end - offset) / minimumSize else { throw .count }
        return count
    }

    /// A string's or payload's bytes: where they are.
    @inline(__always)
    package mutating func sized(_ bytes: RawSpan) throws(FormatError) -> Range<Int> {
        let raw = try varint(bytes)
        guard let count = Int(exactly: raw) else { throw .truncated }
        return try take(count)
    }

    @inline(__always)
    package mutating func identifier(_ bytes: RawSpan) throws(FormatError) -> RawIdentifier {
        let range = try take(16)
        return RawIdentifier(bytes, at: range.lowerBound)
    }
}
