// A single-file store of which a copy, or both copies, of what leads to its files are rotten: what `verify` and `salvage` say.

import Foundation
import Testing

@Suite struct SingleFileDamageCommandTests {
    private let scratch: Scratch
    private let store: String

    init() throws {
        scratch = try Scratch()
        store = scratch.newPath("planet") + ".recall"
        let input = (1 ... 6).map { EventLines.line("A", EventLines.company, data: "\"ZOIDBERG-\($0)\"") }
        let outcome = try RecallProgram.run(["append", store], input: input.joined(), in: scratch)
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    private func flip(at offset: UInt64) throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: store))
        defer { try? file.close() }
        try file.seek(toOffset: offset)
        let byte = try #require(try file.read(upToCount: 1)?.first)
        try file.seek(toOffset: offset)
        try file.write(contentsOf: Data([byte ^ 0x10]))
    }

    @Test func rottenSuperblockIsNamedUntilAWriterWasThere() throws {
        try #require(try RecallProgram.run(["verify", store], in: scratch).status == 0)
        try flip(at: 8192 + 20)
        let outcome = try RecallProgram.run(["verify", store], in: scratch)
        expectFailure(outcome, 1, "\(store) is damaged in 1 place")
        let line =
            "offset 8192: a copy of the superblock does not hold: the checksum of the superblock does not hold; "
        #expect(outcome.output.hasPrefix(line), "\(outcome.output)")
        try #require(try RecallProgram.run(["append", store], input: "", in: scratch).status == 0)
        #expect(try RecallProgram.run(["verify", store], in: scratch).status == 0)
    }

    @Test func storeWithoutASuperblockIsSalvaged() throws {
        let events = try RecallProgram.run(["replay", store], in: scratch).output
        for offset: UInt64 in [20, 8192 + 20] { try flip(at: offset) }
        #expect(try RecallProgram.run(["verify", store], in: scratch).status == 1)
        let copy = scratch.newPath("copy")
        let outcome = try RecallProgram.run(["salvage", store, copy], in: scratch)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(
            outcome.output.hasPrefix(
                "nothing lost: none of its two superblocks holds; the segments were found by their headers\n")
        )
        #expect(try RecallProgram.run(["replay", copy], in: scratch).output == events)
    }
}
