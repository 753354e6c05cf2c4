// A store of more segments than the process may have files open: each command reads and writes it all the same. The story: a
// store kept the file of each segment open, so with the usual limit of 1,024 none of 64 GiB could be opened.

import Foundation
import Recall
import RecallLog
import Testing

@Suite struct ManySegmentsTests {
    private static let fileCountMax = 40
    private static let segmentCount = 120
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Makes a store of so many segments: an event that does not compress fills the larger part of one.
    private func makeStore(_ path: String) throws {
        var configuration = LogConfiguration()
        configuration.segmentBytesMax = 64 << 10
        configuration.durability = .system
        let log = try Log.openBlocking(at: path, configuration: configuration)
        var random = SystemRandomNumberGenerator()
        for _ in 0 ..< Self.segmentCount {
            let bytes = (0 ..< 33_000).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            let event = NewEvent(
                aggregateID: AggregateID(UUID()), aggregateType: "Ship", type: "Sent",
                payload: Data("\"\(Data(bytes).base64EncodedString())\"".utf8))
            _ = try log.appendBlocking(Commit(events: [event]))
        }
        try log.closeBlocking()
    }

    /// Runs the program, which may have few files open.
    private func run(_ arguments: [String], input: String = "") throws -> RecallProgram.Outcome {
        let limit = "ulimit -n \(Self.fileCountMax) && exec \"$0\" \"$@\""
        return try RecallProgram.run(
            arguments, input: input, prefix: ["/bin/sh", "-c", limit], in: scratch)
    }

    @Test(arguments: ["store", "store.recall"])
    func everyCommandNeedsFewOpenFiles(name: String) throws {
        let store = "\(scratch.path)/\(name)"
        try makeStore(store)
        let inspection = try run(["inspect", store, "--json"])
        #expect(inspection.status == 0, "\(inspection.errors)")
        let other = scratch.path + (name == "store" ? "/copy.recall" : "/copy")
        let backup = scratch.newPath("backup")
        let commands = [
            ["append", store], ["verify", store], ["backup", store, backup],
            ["restore", backup, scratch.newPath("restored")],
            ["salvage", store, scratch.newPath("salvaged")],
            [name == "store" ? "pack" : "unpack", store, other],
        ]
        for command in commands {
            let outcome = try run(command, input: command[0] == "append" ? EventLines.line("Last") : "")
            #expect(outcome.status == 0, "\(command[0]): \(outcome.errors)")
        }
        for path in [store, other, backup] {
            let replay = try run(["replay", path])
            #expect(replay.status == 0, "\(path): \(replay.errors)")
            #expect(replay.lines.count == Self.segmentCount + 1, "\(path)")
        }
    }
}
