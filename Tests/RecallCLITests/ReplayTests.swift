// `recall replay`: which events each option leaves, and in which order.

import Foundation
import Testing

@Suite struct ReplayTests {
    private let scratch: Scratch

    /// A store of six events: types A, B, A, C, B, A at positions 1 to 6, one a minute from 10:01:00,
    /// the even ones of another aggregate.
    init() throws {
        scratch = try Scratch()
        let input = ["A", "B", "A", "C", "B", "A"].enumerated().map { index, type in
            EventLines.line(
                type, index % 2 == 0 ? EventLines.company : EventLines.other,
                more: "\"time\":\"2026-11-23T10:0\(index + 1):00Z\",")
        }
        let outcome = try RecallProgram.run(["append", scratch.store], input: input.joined(), in: scratch)
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    @Test(
        arguments: [
            ([], [1, 2, 3, 4, 5, 6]),
            (["--from", "3"], [3, 4, 5, 6]), (["--to", "3"], [1, 2, 3]),
            (["--from", "2", "--to", "4"], [2, 3, 4]),
            (["--from", "7"], []), (["--from", "5", "--to", "99"], [5, 6]),
            (["--from", "4", "--to", "4"], [4]),
            (["--type", "A"], [1, 3, 6]), (["--type", "A", "--type", "C"], [1, 3, 4, 6]),
            (["--type", "X"], []),
            (["--aggregate", EventLines.other], [2, 4, 6]),
            (["--aggregate", EventLines.other.uppercased(), "--type", "A"], [6]),
            (["--aggregate", "00000000-0000-4000-8000-000000000009"], []),
            (["--since", "2026-11-23T10:03:00Z"], [3, 4, 5, 6]),
            (["--since", "2026-11-23T10:03:00.000001Z"], [4, 5, 6]),
            (["--until", "2026-11-23T11:02:00+01:00"], [1, 2]),
            (["--since", "2026-11-23T10:02:00Z", "--until", "2026-11-23T10:04:00Z"], [2, 3, 4]),
            (["--reverse"], [6, 5, 4, 3, 2, 1]), (["--reverse", "--limit", "2"], [6, 5]),
            (["--reverse", "--to", "4", "--type", "B", "--type", "A"], [3, 2, 1]),
            (["--reverse", "--aggregate", EventLines.company], [5, 3, 1]),
            (["--limit", "0"], []), (["--limit", "2"], [1, 2]), (["--limit", "2", "--type", "A"], [1, 3]),
            (["--limit", "99"], [1, 2, 3, 4, 5, 6]),
            (["--follow", "--limit", "4"], [1, 2, 3, 4]), (["--follow", "--to", "2"], [1, 2]),
            (["--follow", "--limit", "2", "--type", "B"], [2, 5]), (["--follow", "--limit", "0"], []),
            (["--follow", "--to", "6", "--type", "C"], [4]),
        ] as [([String], [Int])])
    func optionsChooseEvents(_ options: [String], _ positions: [Int]) throws {
        let outcome = try RecallProgram.run(["replay", scratch.store] + options, in: scratch)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.isEmpty)
        #expect(try EventLines.numbers("position", of: outcome) == positions)
    }

    @Test func everyLineHasItsKeysInOrder() throws {
        let outcome = try RecallProgram.run(["replay", scratch.store, "--limit", "1"], in: scratch)
        let pattern = try Regex(
            #"""
            ^\{"position":1,"aggregate":"6f9619ff-8b86-d011-b42d-00c04fc964ff","aggregateType":"","version":1,"id":"[0-9a-f-]{36}","type":"A","time":"2026-11-23T10:01:00.000000Z","metadata":\{\},"tags":\[\],"data":\{\}\}\n$
            """#)
        #expect(outcome.output.wholeMatch(of: pattern) != nil, "\(outcome.output)")
    }
}
