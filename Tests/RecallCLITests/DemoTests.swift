// `recall demo`: the story's lines and events on standard output, on a store that stays where one is named.

import Foundation
import Testing

@Suite struct DemoTests {
    private func check(_ outcome: RecallProgram.Outcome) throws {
        #expect(outcome.status == 0, "\(outcome.errors)")
        let lines = outcome.lines
        try #require(lines.count == 7, "\(outcome.output)")
        #expect(lines[0] == "Planet Express")
        #expect(lines[1] == " - Turanga Leela, Captain")
        #expect(lines[2] == " - Philip Fry, Narwhal Trainer")
        let events = try lines.dropFirst(3).map { try EventLines.object($0) }
        #expect(events.compactMap { $0["version"] as? Int } == [1, 2, 3, 1])
        let company = try #require(events[0]["aggregate"] as? String)
        #expect(events[3]["root"] as? String == company)
        #expect(events.allSatisfy { $0["data"] is [String: Any] })
        #expect(!outcome.errors.isEmpty)
    }

    @Test func theStoryIsToldOnATemporaryStore() throws {
        let scratch = try Scratch()
        let outcome = try RecallProgram.run(["demo"], in: scratch)
        try check(outcome)
        let path = try #require(outcome.errors.firstMatch(of: /log at (\S+):/)?.1)
        #expect(!FileManager.default.fileExists(atPath: String(path)))
    }

    @Test func theStoryCanBeToldTwiceOnANamedStore() throws {
        let scratch = try Scratch()
        for count in 1 ... 2 {
            try check(try RecallProgram.run(["demo", "--store", scratch.store], in: scratch))
            let replay = try RecallProgram.run(["replay", scratch.store], in: scratch)
            #expect(try EventLines.numbers("position", of: replay) == Array(1 ... 4 * count))
        }
    }
}
