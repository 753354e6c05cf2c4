// The worked examples of docs/format.md and docs/format-single-file.md, made anew from the code: the pages and the
// program must agree.

import Foundation
import Recall
import RecallLog
import Testing

@Suite struct FormatExampleTests {
    @Test func workedExampleOfTheFormatPageIsWhatTheEncoderWrites() throws {
        let segment = SegmentHeader(
            storeID: RawIdentifier(high: 0, low: 9), number: 1, salt: 0x1122_3344, epoch: 1,
            firstPosition: 1, baseTime: 0, capacity: 64 << 10)
        let event = NewEvent(
            id: EventID(RawIdentifier(high: 0, low: 1).uuid),
            aggregateID: AggregateID(RawIdentifier(high: 0, low: 2).uuid), aggregateType: "Cup",
            type: "Filled", payload: Data("{}".utf8))
        let made = TestFrame.commit(
            event, at: Format.headerCopiesSize, position: 1, durable: 0, version: 1, time: 5, in: segment)
        #expect(Self.text(made) == (try Self.example("| checksum:", in: "format.md")))
    }

    @Test func workedExampleOfASuperblockIsWhatTheEncoderWrites() throws {
        let superblock = Superblock(generation: 3, tableOffset: 49152, tableSize: 96)
        #expect(superblock.offset == 8192)
        var writer = ByteWriter()
        superblock.encode(to: &writer)
        let made = Self.bytes(of: writer)
        #expect(made.count == 512)
        #expect(made[40 ..< 508].allSatisfy { $0 == 0 })
        #expect(
            Self.text(made.prefix(40) + made.suffix(4))
                == (try Self.example("| superblock", in: Self.singleFile)))
    }

    @Test func workedExampleOfATableOfContentsIsWhatTheEncoderWrites() throws {
        let unit = SingleFileFormat.unitSize
        let segment = FileTable.Placement(offset: 4 * unit, capacity: 4 * unit, size: 64 << 10)
        let header = FileTable.Placement(offset: unit, capacity: unit, size: Format.headerCopiesSize)
        let table = FileTable(
            generation: 3,
            entries: [
                .init(name: "indexes", placement: nil), .init(name: "segments", placement: nil),
                .init(name: "segments/0000000001.segment", placement: segment),
                .init(name: "snapshots", placement: nil), .init(name: "store", placement: header),
            ])
        var writer = ByteWriter()
        table.encode(to: &writer)
        let made = Self.bytes(of: writer)
        #expect(made.count == 96)
        #expect(Self.text(made) == (try Self.example("| table:", in: Self.singleFile)))
        let read = try FileTable(decoding: made.span.bytes, generation: 3)
        #expect(read == table)
    }

    // MARK: The pages

    private static let singleFile = "format-single-file.md"

    /// The bytes of the example that has a remark, as a page of the documentation states them.
    private static func example(_ remark: String, in page: String) throws -> String {
        let text = try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../../docs/\(page)"), encoding: .utf8)
        let example = try #require(text.split(separator: "```").first { $0.contains(remark) })
        return example.split(separator: "\n").flatMap { line in
            line.prefix { $0 != "|" }.split(separator: " ")
        }.joined(separator: " ")
    }

    private static func text(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { String(format: "%02x", $0) }.joined(separator: " ")
    }

    private static func bytes(of writer: borrowing ByteWriter) -> [UInt8] {
        writer.withBytes { bytes in bytes.withUnsafeBytes { Array($0) } }
    }
}
