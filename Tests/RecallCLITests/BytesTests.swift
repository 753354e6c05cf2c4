// The program takes and prints names by their bytes. `replay --type` gave the events of a type that only looked like the
// one that was asked for, and `inspect` counted both as one; a path that is no UTF-8 became another path, and the program
// made a store under a name that nobody had given.

import Foundation
import Testing

@Suite struct BytesTests {
    enum Layout: String, CaseIterable, Sendable {
        case directory = ""
        case singleFile = ".recall"
    }

    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// An "é" of one letter, and an e with an accent.
    private static let twins = ["Caf\u{E9}", "Cafe\u{301}"]

    @Test(arguments: Layout.allCases)
    func typesThatOnlyLookAlikeAreTwo(layout: Layout) throws {
        let store = scratch.store + layout.rawValue
        let lines = [0, 1, 0].map { EventLines.line(Self.twins[$0]) }
        #expect(try RecallProgram.run(["append", store], input: lines.joined(), in: scratch).status == 0)
        for (twin, positions) in zip(Self.twins, [[1, 3], [2]]) {
            let outcome = try RecallProgram.run(["replay", store, "--type", twin], in: scratch)
            #expect(try EventLines.numbers("position", of: outcome) == positions)
        }
        let both = Self.twins.flatMap { ["--type", $0] }
        let outcome = try RecallProgram.run(["replay", store] + both, in: scratch)
        #expect(try EventLines.numbers("position", of: outcome) == [1, 2, 3])
        let inspection = try RecallProgram.run(["inspect", store, "--json"], in: scratch)
        let object = try EventLines.object(try #require(inspection.lines.first))
        let types = try #require(object["eventTypes"] as? [[String: Any]])
        #expect(types.map { $0["events"] as? Int } == [2, 1])
        #expect(
            types.map { ($0["type"] as? String).map { Array($0.utf8) } } == Self.twins.map { Array($0.utf8) })
        #expect(try RecallProgram.run(["verify", store], in: scratch).status == 0)
    }

    @Test(arguments: Layout.allCases)
    func aKnownIDWithABodyThatOnlyLooksTheSameIsAConflict(layout: Layout) throws {
        let store = scratch.store + layout.rawValue
        let id = "\"id\":\"0192f0c1-0000-7000-8000-000000000001\","
        let metadata = { (key: String) in id + "\"metadata\":{\"\(key)\":\"x\"}," }
        let first = EventLines.line("A", more: metadata(Self.twins[0]))
        #expect(try RecallProgram.run(["append", store], input: first, in: scratch).status == 0)
        #expect(try RecallProgram.run(["append", store], input: first, in: scratch).status == 0)
        for other in [
            EventLines.line("A", more: metadata(Self.twins[1])),
            EventLines.line("A", more: id + "\"metadata\":{\"\(Self.twins[0])\":\"\(Self.twins[0])\"},"),
        ] {
            expectFailure(
                try RecallProgram.run(["append", store], input: other, in: scratch), 3,
                "already stored at position 1 with another body")
        }
        let line = EventLines.line(
            "B", more: "\"metadata\":{\"\(Self.twins[0])\":\"1\",\"\(Self.twins[1])\":\"2\"},")
        #expect(try RecallProgram.run(["append", store], input: line, in: scratch).status == 0)
        let replay = try RecallProgram.run(["replay", store, "--type", "B"], in: scratch)
        // In the order of their bytes.
        #expect(
            replay.output.contains("{\"\(Self.twins[1])\":\"2\",\"\(Self.twins[0])\":\"1\"}"),
            "\(replay.output)")
    }

    @Test(arguments: ["append", "replay", "verify", "inspect"])
    func aPathThatIsNoUTF8IsRefusedAndNotReplaced(command: String) throws {
        // The byte 0xE9 is an é in Latin-1, and no UTF-8.
        let script = "exec \"$0\" \"$1\" \"$2$(printf '\\351')\""
        let outcome = try RecallProgram.run(
            [command, scratch.store], prefix: ["sh", "-c", script], in: scratch)
        expectFailure(outcome, 2, "Argument 2 is no UTF-8: '\(scratch.store)\\xe9'")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: scratch.path).allSatisfy {
                !$0.hasPrefix("store")
            })
    }

    @Test(arguments: Layout.allCases)
    func aYearOfFiveDigitsGoesThroughReplayAndAppend(layout: Layout) throws {
        let store = scratch.store + layout.rawValue
        let times = [
            "+10000-01-01T00:00:00.000000Z", "-290308-12-21T19:59:05.224192Z", "+0-12-31T23:59:59.999999Z",
        ]
        let input = times.map { EventLines.line("A", more: "\"time\":\"\($0)\",") }.joined()
        #expect(try RecallProgram.run(["append", store], input: input, in: scratch).status == 0)
        let replay = try RecallProgram.run(["replay", store], in: scratch)
        #expect(try EventLines.texts("time", of: replay) == times)
        let copy = scratch.path + "/copy" + layout.rawValue
        #expect(try RecallProgram.run(["append", copy], input: replay.output, in: scratch).status == 0)
        #expect(try RecallProgram.run(["replay", copy], in: scratch).output == replay.output)
        let late = try RecallProgram.run(["replay", store, "--since=+9999999-01-01T00:00:00Z"], in: scratch)
        expectFailure(late, 2, "--since is no RFC 3339 time")
        let since = try RecallProgram.run(["replay", store, "--since=+10000-01-01T00:00:00Z"], in: scratch)
        #expect(try EventLines.numbers("position", of: since) == [1])
    }

    /// A disk that was full in the middle of a line left its first half in the file.
    @Test func aFileThatMayNotGrowEndsWithAWholeLine() throws {
        let input = (0 ..< 4000).map { EventLines.line("Number\($0)") }.joined()
        #expect(try RecallProgram.run(["append", scratch.store], input: input, in: scratch).status == 0)
        let whole = try RecallProgram.run(["replay", scratch.store], in: scratch).output
        let process = try RunningProgram(
            ["replay", scratch.store], inputPath: "/dev/null", fileBlocksMax: 333, in: scratch)
        let outcome = try process.wait()
        #expect(outcome.status == 4, "\(outcome.errors)")
        #expect(outcome.output.utf8.count > 150 * 512)
        #expect(outcome.output.hasSuffix("}\n"))
        #expect(whole.hasPrefix(outcome.output))
    }
}
