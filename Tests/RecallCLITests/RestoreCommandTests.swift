// `recall restore`: a store as it was at a position or a time, what is said of it, and what is refused.

import Foundation
import Testing

@Suite struct RestoreCommandTests {
    private let scratch: Scratch
    private let copy: String
    private let restored: String

    /// Six commits: three of one event, then three of two.
    init() throws {
        scratch = try Scratch()
        copy = scratch.newPath("copy")
        restored = scratch.newPath("restored")
        for (batch, indexes) in [("1", 1 ... 3), ("2", 4 ... 9)] {
            let input = indexes.map { EventLines.line("A", EventLines.company, data: "\"ZOIDBERG-\($0)\"") }
            let outcome = try RecallProgram.run(
                ["append", scratch.store, "--batch", batch], input: input.joined(), in: scratch)
            try #require(outcome.status == 0, "\(outcome.errors)")
        }
        try #require(try RecallProgram.run(["backup", scratch.store, copy], in: scratch).status == 0)
    }

    private func restore(_ options: [String] = [], to store: String? = nil) throws -> RecallProgram.Outcome {
        try RecallProgram.run(["restore", copy, store ?? restored] + options, in: scratch)
    }

    private func lines(_ store: String) throws -> [String] {
        try RecallProgram.run(["replay", store], in: scratch).lines
    }

    @Test func everythingIsRestoredAndVerified() throws {
        let outcome = try restore()
        #expect(outcome.status == 0 && outcome.output.isEmpty)
        #expect(
            outcome.errors
                == "\(restored) holds everything up to position 9, and all of it was verified: 6 commits, 9 events.\n"
        )
        #expect(try lines(restored) == lines(copy))
        let line = EventLines.line("A", EventLines.company, data: "1")
        let appended = try RecallProgram.run(["append", restored, "--ack"], input: line, in: scratch)
        #expect(appended.status == 0 && appended.output.contains("\"position\":10,"))
        #expect(try RecallProgram.run(["verify", restored], in: scratch).status == 0)
    }

    @Test func positionInsideACommitEndsInFrontOfIt() throws {
        let outcome = try restore(["--to-position", "6"])
        #expect(outcome.status == 0)
        #expect(
            outcome.errors
                == "\(restored) holds everything up to position 5, and all of it was verified: 4 commits, 5 events; the commit of positions 6 to 7 is left out, since it ends behind 6.\n"
        )
        #expect(try lines(restored) == Array(lines(copy).prefix(5)))
        let whole = scratch.newPath("whole")
        #expect(try restore(["--to-position", "7"], to: whole).errors.contains("up to position 7, and"))
        #expect(try lines(whole) == Array(lines(copy).prefix(7)))
    }

    @Test func timeIsTheCommits() throws {
        let far = try restore(["--to-time", "2999-01-01T00:00:00Z"])
        #expect(far.status == 0 && far.errors.contains("up to position 9,"))
        let empty = scratch.newPath("empty")
        let early = try restore(["--to-time", "1999-01-01T00:00:00Z"], to: empty)
        #expect(early.status == 0)
        #expect(early.errors == "\(empty) is a store without events: \(copy) holds none up to then.\n")
        #expect(try lines(empty).isEmpty)
    }

    @Test func wrongMomentsAreRefused() throws {
        expectFailure(try restore(["--to-position", "10"]), 2, "ends with position 9")
        expectFailure(try restore(["--to-position", "0"]), 2, "positions begin with 1")
        expectFailure(try restore(["--to-position", "x"]), 2, "to-position")
        expectFailure(try restore(["--to-time", "yesterday"]), 2, "--to-time is no RFC 3339 time")
        expectFailure(
            try restore(["--to-time", "2026-11-23T10:15:30Z", "--to-position", "3"]), 2, "exclude each other")
        #expect(!FileManager.default.fileExists(atPath: restored))
    }

    @Test func nothingIsOverwritten() throws {
        #expect(try restore().status == 0)
        let before = try lines(restored)
        expectFailure(try restore(["--to-position", "3"]), 4, "\(restored) is not empty")
        expectFailure(try restore(to: copy), 4, "is what is read, or inside of it")
        expectFailure(try restore(to: copy + "/store"), 4, "is no store; name")
        expectFailure(try restore(to: ""), 2, "path of the new store is empty")
        expectFailure(
            try RecallProgram.run(
                ["restore", scratch.newPath("missing"), scratch.newPath("x")], in: scratch), 4,
            "There is no store")
        #expect(try lines(restored) == before)
    }

    @Test func damageOfTheBackupIsNamed() throws {
        let path = copy + "/segments/0000000001.segment"
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        let bytes = try file.read(upToCount: 64 << 10) ?? Data()
        let place = try #require(bytes.firstRange(of: Data("ZOIDBERG-5".utf8))).lowerBound
        try file.seek(toOffset: UInt64(place))
        try file.write(contentsOf: Data([bytes[place] ^ 0x10]))
        expectFailure(try restore(), 1, "\(copy) is damaged in segment 1 at offset ")
        expectFailure(try RecallProgram.run(["replay", restored], in: scratch), 4, "There is no store")
    }
}
