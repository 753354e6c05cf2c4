// The worked example of docs/format.md, made anew from the code: the page and the program must agree.

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
        var writer = ByteWriter()
        FrameHeader.begin(
            &writer, epoch: 1, nextPosition: 1, durablePosition: 0, in: segment)
        writer.zigzag(5)
        writer.varint(1)
        writer.varint(1)
        StreamEntry(
            id: RawIdentifier(high: 0, low: 2), root: 0, previousVersion: 0, eventCount: 1, lastIndex: 0
        )
        .encode(to: &writer, isOnly: true)
        writer.identifier(RawIdentifier(high: 0, low: 1))
        CommitBody.encode([event], streamIndexes: [0], streamTypes: ["Cup"], to: &writer)
        FrameHeader.finish(&writer, kind: .commit, from: 0, at: 512, in: segment)
        let made = writer.withBytes { bytes in
            bytes.withUnsafeBytes { $0.map { String(format: "%02x", $0) } }
        }
        let page = try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../../docs/format.md"), encoding: .utf8)
        let example = try #require(page.split(separator: "```").first { $0.contains("| checksum:") })
        let stated = example.split(separator: "\n").flatMap { line in
            line.prefix { $0 != "|" }.split(separator: " ").map(String.init)
        }
        #expect(made == stated, "made \(made.joined(separator: " "))")
    }
}
