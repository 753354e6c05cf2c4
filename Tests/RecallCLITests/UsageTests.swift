// What the program says when it is called the wrong way, or asked what it can.

import Foundation
import Testing

@Suite struct UsageTests {
    @Test(
        arguments: [
            ([], "No command was given"),
            (["frobnicate"], "'frobnicate' is no command"),
            (["compact", "a", "b"], "'compact' is no command"),
            (["salvage", "a"], "Missing expected argument"),
            (["backup", "a"], "Missing expected argument"),
            (["restore", "a"], "Missing expected argument"),
            (["append"], "Missing expected argument"),
            (["append", "s", "t"], "Unexpected argument 't'"),
            (["append", "s", "--frobnicate"], "Unknown option '--frobnicate'"),
            (["append", "s", "--batch", "0"], "--batch is 0; give it a number from 1 to 16384"),
            (["append", "s", "--batch", "16385"], "--batch is 16385"),
            (["append", "s", "--batch", "many"], "many"),
            (["append", "s", "--durability", "never"], "never"),
            (["append", ""], "The path of the store is empty"),
            (["replay"], "Missing expected argument"),
            (["replay", "s", "--from", "0"], "positions begin with 1"),
            (["replay", "s", "--to", "0"], "positions begin with 1"),
            (["replay", "s", "--from", "-1"], "from"),
            (["replay", "s", "--from", "5", "--to", "4"], "--from is 5 and --to is 4"),
            (["replay", "s", "--limit=-1"], "--limit is -1"),
            (["replay", "s", "--aggregate", "fry"], "--aggregate is no UUID"),
            (["replay", "s", "--type", ""], "--type is empty"),
            (["replay", "s", "--since", "yesterday"], "--since is no RFC 3339 time"),
            (["replay", "s", "--until", "2026-13-01T00:00:00Z"], "--until is no RFC 3339 time"),
            (["replay", "s", "--follow", "--reverse"], "--follow and --reverse exclude each other"),
            (["verify"], "Missing expected argument"), (["inspect"], "Missing expected argument"),
            (["bench", "--events", "0"], "--events is 0"),
            (["demo", "store"], "Unexpected argument 'store'"),
        ] as [([String], String)])
    func wrongUsageEndsWithTwo(_ arguments: [String], _ sentence: String) throws {
        let scratch = try Scratch()
        let outcome = try RecallProgram.run(arguments, in: scratch)
        expectFailure(outcome, 2, sentence)
        #expect(outcome.output.isEmpty)
    }

    @Test func helpListsTheCommandsThereAre() throws {
        let scratch = try Scratch()
        let outcome = try RecallProgram.run(["--help"], in: scratch)
        #expect(outcome.status == 0)
        #expect(outcome.errors.isEmpty)
        for command in [
            "demo", "append", "replay", "verify", "salvage", "backup", "restore", "pack", "unpack",
            "inspect", "bench", "selftest",
        ] {
            #expect(outcome.output.contains("\n  \(command) "), "\(outcome.output)")
        }
        #expect(!outcome.output.contains("\n  selftest-writer "))
    }

    @Test(arguments: [
        "demo", "append", "replay", "verify", "salvage", "backup", "restore", "inspect", "bench", "selftest",
    ])
    func eachCommandExplainsItself(_ command: String) throws {
        let scratch = try Scratch()
        for arguments in [[command, "--help"], ["help", command]] {
            let outcome = try RecallProgram.run(arguments, in: scratch)
            #expect(outcome.status == 0)
            #expect(outcome.output.contains("USAGE: recall \(command)"))
        }
    }

    @Test(arguments: [["replay"], ["verify"], ["inspect"], ["salvage"], ["backup"], ["restore"]])
    func aMissingStoreIsReported(_ command: [String]) throws {
        let scratch = try Scratch()
        let more = ["salvage", "backup", "restore"].contains(command[0]) ? [scratch.newPath("copy")] : []
        let outcome = try RecallProgram.run(command + [scratch.store] + more, in: scratch)
        expectFailure(outcome, 4, "There is no store at \(scratch.store)")
        #expect(outcome.output.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: scratch.store))
    }

    @Test(arguments: ["append", "replay", "verify", "inspect"])
    func aFileThatIsNoSingleFileStoreIsReportedAndLeftAlone(_ command: String) throws {
        let scratch = try Scratch()
        let file = scratch.path + "/s.recall"
        try Data("Dear Philip".utf8).write(to: URL(fileURLWithPath: file))
        expectFailure(try RecallProgram.run([command, file], in: scratch), 1, "is damaged or no store")
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == Data("Dear Philip".utf8))
    }

    @Test(arguments: ["append", "replay", "verify", "inspect"])
    func aFileIsNoStore(_ command: String) throws {
        let scratch = try Scratch()
        let file = scratch.newPath("file")
        try Data("x".utf8).write(to: URL(fileURLWithPath: file))
        expectFailure(try RecallProgram.run([command, file], in: scratch), 4, "is no store; name")
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == Data("x".utf8))
    }
}
