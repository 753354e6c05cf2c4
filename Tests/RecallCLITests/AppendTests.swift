// `recall append`: what is acknowledged is there, what is wrong is refused and named, and what was
// stored before stays.

import Foundation
import Testing

@Suite struct AppendTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func append(_ input: String, _ options: [String] = []) throws -> RecallProgram.Outcome {
        try RecallProgram.run(["append", scratch.store] + options, input: input, in: scratch)
    }

    private func replay(_ options: [String] = []) throws -> RecallProgram.Outcome {
        let outcome = try RecallProgram.run(["replay", scratch.store] + options, in: scratch)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return outcome
    }

    @Test func aFullLineComesBackAsItWas() throws {
        let rest = """
            "id":"0192f0c1-0000-7000-8000-000000000001","type":"EmployeeHired",\
            "time":"2026-11-23T10:15:30.123456Z","metadata":{"causationId":"b","correlationId":"a"},\
            "tags":["company:planet-express","é"],"data":{"name": "Fry","n":1e400}}

            """
        let start = "\"aggregate\":\"\(EventLines.company)\",\"aggregateType\":\"Company\","
        let outcome = try append("{\(start)\(rest)")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors == "Appended 1 event.\n")
        let printed = try replay().output
        #expect(printed == "{\"position\":1,\(start)\"version\":1,\(rest)")
        // What replay prints is input, and the same events are not stored again.
        #expect(try append(printed, ["--ack"]).output.hasPrefix("{\"position\":1,\"count\":1,"))
        #expect(try replay().output == printed)
    }

    @Test func everyCommitIsAcknowledged() throws {
        let input =
            EventLines.line("A") + "\n  \r\n" + EventLines.line("B", EventLines.other) + EventLines.line("C")
        let outcome = try append(input, ["--ack"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(
            outcome.output == """
                {"position":1,"count":1,"aggregate":"\(EventLines.company)","version":1}
                {"position":2,"count":1,"aggregate":"\(EventLines.other)","version":1}
                {"position":3,"count":1,"aggregate":"\(EventLines.company)","version":2}

                """)
    }

    @Test(arguments: ["commit", "interval", "system"])
    func aBatchIsOneCommit(_ durability: String) throws {
        let input = (1 ... 5).map {
            EventLines.line("T\($0)", $0 == 4 ? EventLines.other : EventLines.company)
        }
        let outcome = try append(input.joined(), ["--batch", "2", "--ack", "--durability", durability])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(
            outcome.output == """
                {"position":2,"count":2,"aggregate":"\(EventLines.company)","version":2}
                {"position":4,"count":2,"aggregate":"\(EventLines.other)","version":1}
                {"position":5,"count":1,"aggregate":"\(EventLines.company)","version":4}

                """)
        #expect(try EventLines.texts("type", of: replay()) == ["T1", "T2", "T3", "T4", "T5"])
    }

    @Test func noInputMakesAnEmptyStore() throws {
        let outcome = try append("")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors == "Appended 0 events.\n")
        #expect(try replay().output.isEmpty)
    }

    @Test(arguments: [
        ("{", "line 3: the line ends too early, expected a key in double quotes"),
        ("5", "line 3: found '5', expected an event as a JSON object"),
        (#"{"type":"A","data":1}"#, "line 3: the line has no \"aggregate\", expected a UUID"),
        (#"{"aggregate":"x"}"#, "line 3: \"aggregate\" is \"x\", expected a UUID"),
        (#"{"colour":"red"}"#, "line 3: the key \"colour\" is unknown, expected position"),
    ])
    func aBadLineEndsTheRun(_ bad: String, _ sentence: String) throws {
        let outcome = try append(EventLines.line("A") + "\n\(bad)\n" + EventLines.line("B"), ["--ack"])
        expectFailure(outcome, 2, sentence)
        #expect(outcome.errors.hasSuffix("; fix the line and append again from there.\n"))
        #expect(outcome.lines.count == 1)
        #expect(try EventLines.texts("type", of: replay()) == ["A"])
    }

    @Test func aBadLineInABatchNamesWhereItsCommitBegins() throws {
        let input = ["A", "B", "C"].map { EventLines.line($0) }.joined() + "{}\n" + EventLines.line("D")
        let outcome = try append(input, ["--ack", "--batch", "2"])
        expectFailure(outcome, 2, "line 4: ")
        #expect(outcome.errors.hasSuffix("append again from line 3, where its commit begins.\n"))
        #expect(try EventLines.texts("type", of: replay()) == ["A", "B"])
    }

    @Test func textThatIsNotUTF8IsRefused() throws {
        let input = Data(EventLines.line("A").utf8) + Data([0x7B, 0x22, 0xFF, 0x22, 0x0A])
        let outcome = try RecallProgram.run(["append", scratch.store], input: input, in: scratch)
        expectFailure(outcome, 2, "line 2: the line is no text, expected UTF-8 (at byte 3)")
    }

    @Test func whatIsTooLargeIsRefused() throws {
        let type = String(repeating: "T", count: 256)
        let outcome = try append(EventLines.line("A") + EventLines.line(type))
        expectFailure(outcome, 2, "line 2: ")
        #expect(outcome.errors.contains("255"))
        #expect(try EventLines.texts("type", of: replay()) == ["A"])
    }

    @Test func aLineWithoutEndIsRefused() throws {
        let input = Data(EventLines.line("A").utf8) + Data(repeating: 0x20, count: 33 << 20)
        let outcome = try RecallProgram.run(["append", scratch.store], input: input, in: scratch)
        expectFailure(outcome, 2, "line 2: the line is too long, expected at most 33554432 bytes")
    }

    @Test func largeAndBinaryPayloadsComeBack() throws {
        let text = "\"" + String(repeating: "slurm ", count: 300_000) + "\""
        let bytes = Data((0 ..< 100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }).base64EncodedString()
        let input =
            EventLines.line("A", data: text)
            + "{\"aggregate\":\"\(EventLines.company)\",\"type\":\"B\",\"dataBase64\":\"\(bytes)\"}\n"
        #expect(try append(input).status == 0)
        let lines = try replay().lines
        try #require(lines.count == 2)
        #expect(lines[0].hasSuffix(",\"data\":\(text)}"))
        #expect(
            lines[1].hasSuffix(",\"contentType\":\"application/octet-stream\",\"dataBase64\":\"\(bytes)\"}"))
    }

    @Test(arguments: [
        ("\"noStream\"", 0, true), ("\"noStream\"", 2, false), ("\"streamExists\"", 0, false),
        ("\"streamExists\"", 2, true), ("2", 2, true), ("1", 2, false), ("3", 2, false), ("0", 0, true),
        ("0", 1, false), ("\"any\"", 0, true), ("\"any\"", 2, true),
    ])
    func expectedVersionsAreChecked(_ expected: String, _ before: Int, _ holds: Bool) throws {
        let earlier = (0 ..< before).map { _ in EventLines.line("A") }.joined()
        let input =
            earlier + EventLines.line("B", more: "\"expectedVersion\":\(expected),") + EventLines.line("C")
        let outcome = try append(input, ["--ack"])
        if holds {
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.lines.count == before + 2)
        } else {
            expectFailure(outcome, 3, "line \(before + 1): ")
            #expect(outcome.lines.count == before)
        }
        #expect(try replay().lines.count == (holds ? before + 2 : before))
    }

    @Test func aConflictInABatchWritesNothingOfIt() throws {
        let input =
            EventLines.line("A") + EventLines.line("B")
            + EventLines.line("C", EventLines.other) + EventLines.line("D", more: "\"expectedVersion\":7,")
        let outcome = try append(input, ["--batch", "2"])
        expectFailure(outcome, 3, "lines 3 to 4: ")
        #expect(try EventLines.texts("type", of: replay()) == ["A", "B"])
    }

    @Test func anEventIDIsStoredOnce() throws {
        let id = "\"id\":\"0192f0c1-0000-7000-8000-000000000001\","
        let line = EventLines.line("A", more: id)
        let again = try append(line + EventLines.line("B") + line, ["--ack"])
        #expect(again.status == 0, "\(again.errors)")
        #expect(try EventLines.numbers("position", of: again) == [1, 2, 1])
        let changed = try append(EventLines.line("A", more: id, data: "{\"other\":1}"))
        expectFailure(changed, 3, "0192f0c1-0000-7000-8000-000000000001")
        let twice = try append(line + line, ["--batch", "2"])
        expectFailure(
            twice, 2, "line 2: the event id 0192f0c1-0000-7000-8000-000000000001 stands already in line 1")
        #expect(try replay().lines.count == 2)
    }

    @Test func aChildBelongsToItsRoot() throws {
        let input =
            EventLines.line("A")
            + EventLines.line(
                "B", EventLines.other, more: "\"root\":\"\(EventLines.company)\",\"schemaVersion\":3,")
        #expect(try append(input).status == 0)
        let lines = try replay().lines
        try #require(lines.count == 2)
        #expect(!lines[0].contains("\"root\"") && !lines[0].contains("schemaVersion"))
        #expect(lines[1].contains(",\"root\":\"\(EventLines.company)\",\"schemaVersion\":3,\"data\":{}}"))
    }
}
