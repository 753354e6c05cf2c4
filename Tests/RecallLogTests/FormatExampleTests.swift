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
        let made = TestFrame.commit(
            event, at: 1024, position: 1, durable: 0, version: 1, time: 5, in: segment
        ).map { String(format: "%02x", $0) }
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
