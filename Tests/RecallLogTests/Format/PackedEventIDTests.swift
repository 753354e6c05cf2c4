// Event ids as frames hold them: any id comes back as it was, whatever the time of the commit beside it.

import Recall
import RecallLog
import Testing

@Suite struct PackedEventIDTests {
    private static let time: Int64 = 1_764_000_000_123_456

    private static func id(milliseconds: Int64, random: UInt64 = 0x0ABC, low: UInt64 = 0x1234)
        -> RawIdentifier
    {
        RawIdentifier(
            high: UInt64(milliseconds) << 16 | 7 << 12 | random & 0xFFF, low: 0b10 << 62 | low & (1 << 62 - 1)
        )
    }

    private static func pack(_ id: RawIdentifier, time: Int64) -> [UInt8] {
        var writer = ByteWriter()
        PackedEventID.encode(id, time: time, to: &writer)
        return writer.withBytes { $0.withUnsafeBytes { Array($0) } }
    }

    private static func unpack(_ bytes: [UInt8], time: Int64) throws -> RawIdentifier {
        var reader = ByteReader(0 ..< bytes.count)
        var skipped = reader
        let id = try PackedEventID.decode(&reader, bytes.span.bytes, time: time)
        try PackedEventID.skip(&skipped, bytes.span.bytes)
        #expect(reader.offset == bytes.count && skipped.offset == bytes.count)
        return id
    }

    /// How long before the commit the id was made, in milliseconds, and what it takes then.
    @Test(arguments: [
        (0, 10), (1, 10), (29, 10), (30, 11), (63, 11), (64, 12), (-1, 11), (-5_000, 12), (86_400_000, 14),
        (1_764_000_000_123, 16),
    ])
    func timeOrderedIDTakesTenBytesAndItsLag(lag: Int, size: Int) throws {
        for (random, low) in [(0, 0), (0xFFF, UInt64.max), (0x800, 1), (0x401, 1 << 61)] as [(UInt64, UInt64)]
        {
            let id = Self.id(milliseconds: Self.time / 1000 - Int64(lag), random: random, low: low)
            let packed = Self.pack(id, time: Self.time)
            #expect(packed.count == size)
            #expect(try Self.unpack(packed, time: Self.time) == id)
        }
    }

    @Test(arguments: [
        RawIdentifier(high: 0, low: 0), RawIdentifier(high: .max, low: .max),
        RawIdentifier(high: 0x4F96_19FF_8B86_4011, low: 0xB42D_00C0_4FC9_64FF),
        // Version 7 with another variant, and the variant with another version.
        RawIdentifier(high: 0x7000, low: 0b11 << 62), RawIdentifier(high: 0x6000, low: 0b10 << 62),
    ])
    func otherIDTakesItsSixteenBytesAndOne(id: RawIdentifier) throws {
        let packed = Self.pack(id, time: Self.time)
        #expect(packed.count == 17)
        #expect(try Self.unpack(packed, time: Self.time) == id)
    }

    @Test(arguments: [Int64.min, -1_000_001, -1, 0, 999, 1_000, .max])
    func anyTimeOfTheCommitServes(time: Int64) throws {
        for milliseconds in [0, 1, 1_764_000_000_000, 1 << 48 - 1] as [Int64] {
            let id = Self.id(milliseconds: milliseconds)
            #expect(try Self.unpack(Self.pack(id, time: time), time: time) == id)
        }
    }

    @Test(arguments: [
        [0x01] + [UInt8](repeating: 0, count: 16),  // a form that is not known
        [0x80 | 31 << 2] + [UInt8](repeating: 0, count: 9),  // a code that is not
        [0x80] + [UInt8](repeating: 0, count: 8),  // too short
        [0x80 | 30 << 2] + [UInt8](repeating: 0, count: 9),  // without its lag
        [0x80 | 30 << 2] + [UInt8](repeating: 0, count: 9) + [0xFE] + [UInt8](repeating: 0xFF, count: 8) + [
            1
        ],
    ])
    func malformedIDIsRefused(bytes: [UInt8]) {
        #expect(throws: FormatError.self) {
            var reader = ByteReader(0 ..< bytes.count)
            _ = try PackedEventID.decode(&reader, bytes.span.bytes, time: Self.time)
        }
    }
}
