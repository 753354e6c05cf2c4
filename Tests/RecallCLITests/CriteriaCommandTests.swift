// `recall replay` by tag, type of aggregate, graph and query: all that is asked for must hold together, by bytes.

import Foundation
import Testing

@testable import RecallCLI

@Suite struct CriteriaCommandTests {
    private static let root = EventLines.company
    private static let child = EventLines.other

    private let scratch: Scratch

    /// Seven events at positions 1 to 7: of a root and of a child, which changes its root from position 6 on.
    init() throws {
        scratch = try Scratch()
        func line(
            _ type: String, _ tags: String, child: Bool = false, of root: String? = Self.root, kind: String
        ) -> String {
            let owner = child ? Self.child : Self.root
            let parent = child ? root.map { "\"root\":\"\($0)\"," } ?? "" : ""
            return EventLines.line(
                type, owner, more: "\(parent)\"aggregateType\":\"\(kind)\",\"tags\":\(tags),")
        }
        let input = [
            line("A", #"["x"]"#, kind: "Company"), line("B", #"["x","y"]"#, kind: "Company"),
            line("A", #"["y","x","y"]"#, child: true, kind: "Employee"),
            line("C", "[]", child: true, kind: "Employee"),
            line("B", #"["X","Caf\u00e9"]"#, kind: "Company"),
            line("A", #"["Cafe\u0301"]"#, child: true, of: nil, kind: "Employee"),
            line("A", #"["x"]"#, child: true, of: nil, kind: ""),
        ]
        let outcome = try RecallProgram.run(["append", scratch.store], input: input.joined(), in: scratch)
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    @Test(
        arguments: [
            (["--tag", "x"], [1, 2, 3, 7]), (["--tag", "x", "--tag", "y"], [2, 3]), (["--tag", "z"], []),
            (["--tag", "X"], [5]), (["--tag", "Caf\u{E9}"], [5]), (["--tag", "Cafe\u{301}"], [6]),
            (["--tag", "x", "--type", "A"], [1, 3, 7]),
            (["--tag", "x", "--reverse", "--limit", "2"], [7, 3]),
            (["--aggregate-type", "Employee"], [3, 4, 6]), (["--aggregate-type", ""], [7]),
            (["--aggregate-type", "Employee", "--aggregate-type", "", "--tag", "x"], [3, 7]),
            (["--graph", root], [1, 2, 3, 4, 5]), (["--graph", child], [6, 7]),
            (["--graph", root.uppercased(), "--aggregate", child], [3, 4]),
            (["--graph", root, "--aggregate", child, "--limit", "1"], [3]),
            (["--graph", root, "--aggregate", child, "--reverse", "--limit", "1"], [4]),
            (["--graph", root, "--aggregate", child, "--limit", "0"], []),
            (["--graph", child, "--aggregate", root], []),
            (["--query", "[]"], []), (["--query", "[{}]"], [1, 2, 3, 4, 5, 6, 7]),
            (["--query", #"[{"types":["A","C"]}]"#], [1, 3, 4, 6, 7]),
            (["--query", #"[{"types":["A"],"tags":["y"]},{"types":["B"],"tags":["X"]}]"#], [3, 5]),
            (["--query", #"[{"types":[],"tags":[]},{"types":["A"]}]"#], [1, 2, 3, 4, 5, 6, 7]),
            (["--query", #"[{"types":["A"]},{"types":["B"]}]"#, "--tag", "y"], [2, 3]),
            (["--query", "[]", "--tag", "y"], []),
            (["--query", #"[{"tags":["x"]}]"#, "--type", "A", "--from", "2"], [3, 7]),
            (["--query", #"[{"tags":["x"]}]"#, "--follow", "--limit", "3"], [1, 2, 3]),
            (["--tag", "x", "--follow", "--to", "7"], [1, 2, 3, 7]),
            (["--graph", root, "--aggregate", child, "--follow", "--limit", "2"], [3, 4]),
        ] as [([String], [Int])])
    func optionsChooseEvents(_ options: [String], _ positions: [Int]) throws {
        let outcome = try RecallProgram.run(["replay", scratch.store] + options, in: scratch)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.isEmpty)
        #expect(try EventLines.numbers("position", of: outcome) == positions)
    }

    @Test(
        arguments: [
            ("", "is no JSON"), ("{}", "is no array"), ("[1]", "item 1 of --query is no object"),
            (#"[{},{"type":["A"]}]"#, #"The key "type" of item 2"#), (#"[{"types":"A"}]"#, "is no array"),
            (#"[{"tags":[1]}]"#, "is no string"), (#"[{"tags":["a"],"tags":["b"]}]"#, "twice"),
            ("[{}", "is no JSON"),
        ])
    func queryThatCannotBeReadIsBadInput(_ query: String, _ reason: String) throws {
        let outcome = try RecallProgram.run(["replay", scratch.store, "--query", query], in: scratch)
        #expect(outcome.status == 2)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains(reason), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1)
    }

    @Test(arguments: ["--aggregate", "--graph"])
    func textThatIsNoUUIDIsBadInput(_ option: String) throws {
        let outcome = try RecallProgram.run(["replay", scratch.store, option, "fry"], in: scratch)
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("\(option) is no UUID"), "\(outcome.errors)")
    }
}
