// Event ids as a frame states them. A time-ordered id (UUID version 7) repeats what the commit's time says and has
// six bits that are always the same: without both it takes 10 bytes. Any other takes its 16, and one that says so.
// Layout: docs/format.md, "Event ids".

/// Reads and writes an event id beside the time of its commit.
package enum PackedEventID {
    /// What an id takes at least and at most, in bytes.
    package static let sizeMin = 10
    package static let sizeMax = 20

    private static let isTimeOrdered: UInt8 = 0x80
    /// Milliseconds from the id to the commit that fit into the first byte; a number follows for all others.
    private static let shortLagMax: Int64 = 29
    private static let longLag: UInt8 = 30

    /// - Parameter time: of the commit, in microseconds since 1970.
    @inline(__always)
    package static func encode(_ id: RawIdentifier, time: Int64, to writer: inout ByteWriter) {
        guard (id.high >> 12) & 0xF == 7, id.low >> 62 == 0b10 else {
            writer.byte(0)
            writer.identifier(id)
            return
        }
        let lag = milliseconds(time) - Int64(id.high >> 16)
        let isShort = lag >= 0 && lag <= shortLagMax
        let code = isShort ? UInt8(lag) : longLag
        let random = id.high & 0xFFF
        writer.byte(isTimeOrdered | code << 2 | UInt8(random >> 10))
        writer.byte(UInt8(truncatingIfNeeded: random >> 2))
        writer.integer(((random & 0b11) << 62 | id.low & (1 << 62 - 1)).byteSwapped)
        if !isShort { writer.zigzag(lag) }
    }

    @inline(__always)
    package static func decode(
        _ reader: inout ByteReader, _ bytes: RawSpan, time: Int64
    ) throws(FormatError) -> RawIdentifier {
        let head = try reader.byte(bytes)
        guard head & isTimeOrdered != 0 else {
            guard head == 0 else { throw FormatError("an event id has a form that is not known") }
            return try reader.identifier(bytes)
        }
        let next = try reader.byte(bytes)
        let rest = UInt64(bigEndian: UInt64(littleEndian: try reader.integer(UInt64.self, bytes)))
        let code = head >> 2 & 0b11111
        var lag = Int64(code)
        if code >= longLag {
            guard code == longLag else { throw FormatError("an event id has a form that is not known") }
            lag = try reader.zigzag(bytes)
        }
        let (moment, overflows) = milliseconds(time).subtractingReportingOverflow(lag)
        guard !overflows, moment >= 0, moment < 1 << 48 else {
            throw FormatError("an event id states an impossible time")
        }
        let random = UInt64(head & 0b11) << 10 | UInt64(next) << 2 | rest >> 62
        return RawIdentifier(
            high: UInt64(moment) << 16 | 7 << 12 | random, low: 0b10 << 62 | rest & (1 << 62 - 1))
    }

    /// Steps over an id.
    @inline(__always)
    package static func skip(_ reader: inout ByteReader, _ bytes: RawSpan) throws(FormatError) {
        let head = try reader.byte(bytes)
        _ = try reader.take(head & isTimeOrdered == 0 ? 16 : 9)
        if head & isTimeOrdered != 0, head >> 2 & 0b11111 >= longLag { _ = try reader.varint(bytes) }
    }

    /// Rounded down, so that times before 1970 are in order, too.
    @inline(__always)
    private static func milliseconds(_ time: Int64) -> Int64 {
        let (quotient, remainder) = time.quotientAndRemainder(dividingBy: 1000)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
