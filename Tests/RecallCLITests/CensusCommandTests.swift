// The commands that list and count: aggregates, tags, show and stats. Each line is held whole, since scripts read them.

import Foundation
import Recall
import Testing

@testable import RecallCLI

@Suite struct CensusCommandTests {
    private static let small = "00000000-0000-4000-8000-000000000001"
    private static let large = "00000000-0000-4000-8000-000000000002"
    private static let child = "00000000-0000-4000-8000-000000000003"

    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        func line(_ type: String, _ aggregate: String, _ kind: String, _ time: String, _ rest: String = "")
            -> String
        {
            EventLines.line(
                type, aggregate, more: "\"aggregateType\":\"\(kind)\",\"time\":\"\(time)\",\(rest)")
        }
        let input = [
            line("Founded", Self.large, "Company", "2026-11-23T10:59:59Z", #""tags":["a","b","a"],"#),
            line("Hired", Self.large, "Company", "2026-11-23T11:00:00Z", #""tags":["b"],"#),
            // The clock ran back.
            line("Hired", Self.large, "Company", "2026-11-22T23:59:59.999999Z"),
            line("Opened", Self.small, "Depot", "1969-12-31T23:30:00Z", #""tags":["ab"],"#),
            line("Hired", Self.child, "Employee", "2026-11-24T00:00:00Z", "\"root\":\"\(Self.large)\","),
        ]
        let outcome = try RecallProgram.run(["append", scratch.store], input: input.joined(), in: scratch)
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    private func lines(_ arguments: [String]) throws -> [String] {
        let outcome = try RecallProgram.run(
            [arguments[0], scratch.store] + arguments.dropFirst(), in: scratch)
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
        return outcome.lines
    }

    @Test func aggregatesAreListedTheLargestFirst() throws {
        let all = [
            #"{"aggregate":"\#(Self.large)","aggregateType":"Company","events":3,"firstTime":"2026-11-23T10:59:59.000000Z","lastTime":"2026-11-22T23:59:59.999999Z"}"#,
            #"{"aggregate":"\#(Self.small)","aggregateType":"Depot","events":1,"firstTime":"1969-12-31T23:30:00.000000Z","lastTime":"1969-12-31T23:30:00.000000Z"}"#,
            #"{"aggregate":"\#(Self.child)","aggregateType":"Employee","events":1,"firstTime":"2026-11-24T00:00:00.000000Z","lastTime":"2026-11-24T00:00:00.000000Z"}"#,
        ]
        #expect(try lines(["aggregates"]) == all)
        #expect(try lines(["aggregates", "--limit", "2"]) == Array(all[..<2]))
        #expect(try lines(["aggregates", "--limit", "0"]) == [])
        #expect(try lines(["aggregates", "--type", "Employee"]) == [all[2]])
        #expect(try lines(["aggregates", "--type", "employee"]) == [])
    }

    @Test func tagsAreListedTheMostFrequentFirst() throws {
        let all = [#"{"tag":"b","events":2}"#, #"{"tag":"a","events":1}"#, #"{"tag":"ab","events":1}"#]
        #expect(try lines(["tags"]) == all)
        #expect(try lines(["tags", "--limit", "1"]) == [all[0]])
        #expect(try lines(["tags", "--prefix", "a"]) == Array(all[1...]))
        #expect(try lines(["tags", "--prefix", "c"]) == [])
    }

    @Test(
        arguments: [
            (
                "hour",
                [
                    #"{"hour":"1969-12-31T23:00:00Z","events":1,"payloadBytes":2}"#,
                    #"{"hour":"2026-11-22T23:00:00Z","events":1,"payloadBytes":2}"#,
                    #"{"hour":"2026-11-23T10:00:00Z","events":1,"payloadBytes":2}"#,
                    #"{"hour":"2026-11-23T11:00:00Z","events":1,"payloadBytes":2}"#,
                    #"{"hour":"2026-11-24T00:00:00Z","events":1,"payloadBytes":2}"#,
                ]
            ),
            (
                "day",
                [
                    #"{"day":"1969-12-31","events":1,"payloadBytes":2}"#,
                    #"{"day":"2026-11-22","events":1,"payloadBytes":2}"#,
                    #"{"day":"2026-11-23","events":2,"payloadBytes":4}"#,
                    #"{"day":"2026-11-24","events":1,"payloadBytes":2}"#,
                ]
            ),
            (
                "type",
                [
                    #"{"type":"Hired","events":3,"payloadBytes":6}"#,
                    #"{"type":"Founded","events":1,"payloadBytes":2}"#,
                    #"{"type":"Opened","events":1,"payloadBytes":2}"#,
                ]
            ),
            (
                "aggregate-type",
                [
                    #"{"aggregateType":"Company","events":3,"payloadBytes":6}"#,
                    #"{"aggregateType":"Depot","events":1,"payloadBytes":2}"#,
                    #"{"aggregateType":"Employee","events":1,"payloadBytes":2}"#,
                ]
            ),
            (
                "tag",
                [
                    #"{"tag":"b","events":2,"payloadBytes":4}"#, #"{"tag":"a","events":1,"payloadBytes":2}"#,
                    #"{"tag":"ab","events":1,"payloadBytes":2}"#,
                ]
            ),
        ])
    func eventsAreCountedByAFeature(_ feature: String, _ expected: [String]) throws {
        #expect(try lines(["stats", "--by", feature]) == expected)
    }

    @Test func historyOfAnAggregateHasItsChildren() throws {
        #expect(try lines(["show", Self.large]) == lines(["replay", "--graph", Self.large]))
        #expect(try lines(["show", Self.large]).count == 4)
        // A child has its own history.
        #expect(
            try lines(["show", Self.child.uppercased()]) == lines(["replay", "--aggregate", Self.child]))
        #expect(try lines(["show", Self.child]).count == 1)
    }

    @Test(
        arguments: [
            (["show", "STORE", "00000000-0000-4000-8000-000000000009"], 2, "holds no event of"),
            (["show", "STORE", "fry"], 2, "The aggregate is no UUID"),
            (["aggregates", "STORE", "--limit=-1"], 2, "--limit is -1"),
            (["tags", "STORE", "--limit=-1"], 2, "--limit is -1"),
            (["stats", "STORE", "--by", "year"], 2, "year"), (["stats", "STORE"], 2, "--by"),
            (["aggregates", "ABSENT"], 4, "There is no store"), (["tags", "ABSENT"], 4, "There is no store"),
            (["stats", "ABSENT", "--by", "day"], 4, "There is no store"),
            (["show", "ABSENT", small], 4, "There is no store"),
        ])
    func wrongUseIsSaidInOneLine(_ arguments: [String], _ status: Int32, _ reason: String) throws {
        let words = arguments.map {
            $0 == "STORE" ? scratch.store : $0 == "ABSENT" ? scratch.newPath("absent") : $0
        }
        let outcome = try RecallProgram.run(words, in: scratch)
        #expect(outcome.status == status, "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains(reason), "\(outcome.errors)")
    }

    @Test func timelineOfAnAggregateIsForPeople() throws {
        let owner = try #require(UUID(uuidString: Self.large))
        var timeline = Timeline(of: AggregateID(owner))
        func event(
            _ position: UInt64, _ type: EventType, _ time: String, tags: [EventTag] = [], payload: String
        ) throws -> RecordedEvent {
            let time = try #require(Timestamp(iso8601: time))
            return RecordedEvent(
                NewEvent(
                    aggregateID: AggregateID(owner), aggregateType: "Company", type: type, tags: tags,
                    payload: Data(payload.utf8)),
                position: Position(position), version: Version(position), time: time)
        }
        var text = timeline.text(
            of: try event(1, "Founded", "2026-11-23T10:59:59Z", tags: ["a", "b"], payload: "{\"n\":1}"))
        text += timeline.text(of: try event(2, "Re\u{1B}[31mnamed", "2026-11-23T11:00:00Z", payload: "{}"))
        text += timeline.text(
            of: try event(3, "Hired", "2026-11-24T00:00:00Z", payload: String(repeating: "x", count: 400)))
        #expect(
            text == """
                2026-11-23
                  10:59:59.000000Z  Founded  (Company, version 1, position 1)
                      a, b
                      {"n":1}
                  11:00:00.000000Z  Re\\u{1B}[31mnamed  (Company, version 2, position 2)
                      {}

                2026-11-24
                  00:00:00.000000Z  Hired  (Company, version 3, position 3)
                      \(String(repeating: "x", count: 159))…

                """)
    }

    @Test func tableOnATerminalLinesUpAndEscapesWhatANameHolds() throws {
        #expect(TerminalText.escaped("a\u{1B}[2Jb\n\u{202E}é") == "a\\u{1B}[2Jb\\n\\u{202E}é")
        #expect(TerminalText.escaped("abcdef", countMax: 4) == "abc…")
        #expect(TerminalText.escaped("abcd", countMax: 4) == "abcd")
    }
}
