// `recall bench`: every row is there, measured, and nothing is left behind. How fast it is, is not tested.

import Foundation
import Testing

@Suite(.serialized) struct BenchTests {
    private static let names = [
        "durableOneCaller", "durableManyCallers", "durableBatch", "systemOneCaller", "replay", "load",
    ]

    @Test func everyRowIsMeasured() throws {
        let scratch = try Scratch()
        let outcome = try RecallProgram.run(["bench", "--json", "--events", "2000"], in: scratch)
        #expect(outcome.status == 0, "\(outcome.errors)")
        try #require(outcome.lines.count == 1)
        let object = try EventLines.object(outcome.output)
        #expect(object["events"] as? Int == 2000)
        #expect((object["fileSystem"] as? String)?.isEmpty == false)
        #expect((object["processor"] as? String)?.isEmpty == false)
        let rows = try #require(object["rows"] as? [[String: Any]])
        #expect(rows.compactMap { $0["name"] as? String } == Self.names)
        for row in rows {
            #expect(try #require(row["perSecond"] as? Double) > 0)
            let name = try #require(row["name"] as? String)
            let reads = name == "replay" || name == "load"
            #expect((row["rawPerSecond"] is NSNull) == reads, "\(row)")
            #expect((row["bytesPerEvent"] is NSNull) == reads, "\(row)")
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: scratch.path)
        #expect(!left.contains { $0.hasPrefix("recall-bench") }, "\(left)")
    }

    @Test func theTableNamesTheMachine() throws {
        let scratch = try Scratch()
        let outcome = try RecallProgram.run(["bench", "--events", "500"], in: scratch)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("File system: "))
        #expect(outcome.output.contains("raw limit"))
        #expect(outcome.lines.filter { $0.contains(" events ") || $0.contains(" loads ") }.count >= 6)
    }
}
