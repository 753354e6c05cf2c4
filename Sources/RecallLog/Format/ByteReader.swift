// Reads the elements of the format from bytes that nobody vouches for. Every read is checked against
// the end, so a wrong length costs an error, never a read outside or an allocation.

/// Bytes that are not what the format requires.
package struct FormatError: Error, Hashable, Sendable, CustomStringConvertible {
    package var reason: String
    /// Whether the bytes hold, and are of a version of the format that this program does not know.
    package var isOfUnknownVersion = false
    package init(_ reason: String) { self.reason = reason }
    package var description: String { reason }

    package static let truncated = FormatError("it ends too early")
    package static let varint = FormatError("it holds a malformed number")
    package static let utf8 = FormatError("it holds a string that is not UTF-8")
    package static let unreadable = FormatError("the medium does not give all of it back")
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
    @inline(__always)
    package mutating func take(_ count: Int) throws(FormatError) -> Range<Int> {
        guard count >= 0, count <= end - offset else { throw .truncated }
        defer { offset += count }
        return offset ..< offset + count
    }

    @inline(__always)
    package mutating func byte(_ bytes: RawSpan) throws(FormatError) -> UInt8 {
        guard offset < end else { throw .truncated }
        defer { offset += 1 }
        return bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    @inline(__always)
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
        // Sizes and counts rarely have more than two bytes.
        if offset + 1 < end {
            let second = bytes.unsafeLoad(fromByteOffset: offset + 1, as: UInt8.self)
            if second < 0x80 {
                // A last byte of zero would be a second spelling.
                guard second > 0 else { throw .varint }
                offset += 2
                return UInt64(first & 0x7F) | UInt64(second) << 7
            }
        }
        let (value, next) = try Self.longVarint(bytes, from: offset, to: end)
        offset = next
        return value
    }

    /// A number that is at most `max`.
    @inline(__always)
    package mutating func varint(_ bytes: RawSpan, max: UInt64) throws(FormatError) -> UInt64 {
        let value = try varint(bytes)
        guard value <= max else { throw .varint }
        return value
    }

    /// A number of several bytes: those of up to eight are taken from one word, without a branch for each byte.
    /// - Returns: the number, and the offset behind it.
    @inline(never)
    private static func longVarint(
        _ bytes: RawSpan, from offset: Int, to end: Int
    ) throws(FormatError) -> (UInt64, Int) {
        guard offset <= bytes.byteCount - 8 else { return try slowVarint(bytes, from: offset, to: end) }
        let word = UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
        let ends = ~word & 0x8080_8080_8080_8080
        let bitCount = ends.trailingZeroBitCount + 1
        // Longer than eight bytes, or behind the end of what this reader may see.
        guard ends != 0, bitCount >> 3 <= end - offset else {
            return try slowVarint(bytes, from: offset, to: end)
        }
        let unused = UInt64(64 - bitCount)
        let number = word &<< unused
        // A last byte of zero would be a second spelling.
        guard number >> 56 != 0 else { throw .varint }
        var value = (number &>> unused) & 0x7F7F_7F7F_7F7F_7F7F
        value = value & 0x007F_007F_007F_007F | (value & 0x7F00_7F00_7F00_7F00) >> 1
        value = value & 0x0000_3FFF_0000_3FFF | (value & 0x3FFF_0000_3FFF_0000) >> 2
        value = value & 0x0000_0000_0FFF_FFFF | (value & 0x0FFF_FFFF_0000_0000) >> 4
        return (value, offset + (bitCount >> 3))
    }

    private static func slowVarint(
        _ bytes: RawSpan, from offset: Int, to end: Int
    ) throws(FormatError) -> (UInt64, Int) {
        var reader = ByteReader(offset ..< end)
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try reader.byte(bytes)
            // The tenth byte has room for one bit; a last byte of zero would be a second spelling.
            if shift == 63, next > 1 { throw .varint }
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 {
                if next == 0 { throw .varint }
                return (value, reader.offset)
            }
            shift += 7
        }
    }

    @inline(__always)
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
