// What a header of a segment may say. Its checksum holds here: a program with a bug wrote it, or somebody who forges.

import RecallLog
import Testing

@Suite struct SegmentHeaderTests {
    private static let storeID = RawIdentifier(high: 1, low: 2)

    private func decoded(_ change: (inout SegmentHeader) -> Void) throws(FormatError) -> SegmentHeader {
        var header = SegmentHeader(
            storeID: Self.storeID, number: 2, salt: 3, epoch: 4, firstPosition: 5, baseTime: 6,
            capacity: 64 << 10)
        change(&header)
        var writer = ByteWriter()
        header.encode(to: &writer)
        return try writer.withBytes { (bytes) throws(FormatError) in
            try SegmentHeader(
                decoding: bytes.extracting(0 ..< Format.headerSize), number: 2, storeID: Self.storeID)
        }
    }

    @Test func headerComesBack() throws {
        let header = try decoded { $0.dictionarySize = 1000 }
        #expect(header.number == 2 && header.salt == 3 && header.epoch == 4 && header.firstPosition == 5)
        #expect(header.baseTime == 6 && header.capacity == 64 << 10 && header.dictionarySize == 1000)
        #expect(!header.isRewritten)
        #expect(try decoded { $0.isRewritten = true }.isRewritten)
    }

    static let flaws: [(String, @Sendable (inout SegmentHeader) -> Void)] = [
        ("another number", { $0.number = 3 }),
        ("another store", { $0.storeID = RawIdentifier(high: 1, low: 3) }),
        ("position 0", { $0.firstPosition = 0 }),
        ("a position that is too high", { $0.firstPosition = 1 << 63 }),
        ("too small", { $0.capacity = Format.segmentBytesMin - 1 }),
        ("too large", { $0.capacity = Format.segmentBytesMax + 1 }),
        ("a dictionary of half of it", { $0.dictionarySize = (32 << 10) / 2 }),
    ]

    @Test(arguments: flaws.indices)
    func whatCannotBeIsRefused(index: Int) {
        let (name, change) = Self.flaws[index]
        #expect(throws: FormatError.self, "\(name)") { _ = try decoded(change) }
    }

    @Test func firstSegmentBeginsAtOne() throws {
        func first(at position: UInt64) throws(FormatError) -> SegmentHeader {
            var writer = ByteWriter()
            SegmentHeader(
                storeID: Self.storeID, number: 1, salt: 3, epoch: 4, firstPosition: position, baseTime: 6,
                capacity: 64 << 10
            ).encode(to: &writer)
            return try writer.withBytes { (bytes) throws(FormatError) in
                try SegmentHeader(decoding: bytes.extracting(0 ..< Format.headerSize))
            }
        }
        #expect(try first(at: 1).firstPosition == 1)
        #expect(throws: FormatError.self) { _ = try first(at: 2) }
    }
}
