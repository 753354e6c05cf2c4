// `recall pack` and `recall unpack`: what they say, and what they refuse.

import Foundation
import Testing

@Suite struct PackCommandTests {
    private let scratch: Scratch
    private let file: String
    private let unpacked: String

    init() throws {
        scratch = try Scratch()
        file = scratch.newPath("planet") + ".recall"
        unpacked = scratch.newPath("unpacked")
        let input = (1 ... 9).map { EventLines.line("A", EventLines.company, data: "\"ZOIDBERG-\($0)\"") }
        let outcome = try RecallProgram.run(
            ["append", scratch.store, "--batch", "3"], input: input.joined(), in: scratch)
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    private func run(_ arguments: String...) throws -> RecallProgram.Outcome {
        try RecallProgram.run(arguments, in: scratch)
    }

    @Test func storeGoesIntoAFileAndBack() throws {
        let packing = try run("pack", scratch.store, file)
        #expect(packing.status == 0 && packing.output.isEmpty)
        #expect(
            packing.errors
                == "\(file) holds everything that \(scratch.store) does, and all of it was verified: 3 commits, 9 events.\n"
        )
        let lines = try run("replay", scratch.store).lines
        #expect(lines.count == 9)
        #expect(try run("replay", file).lines == lines)
        #expect(try run("verify", file).status == 0)
        let unpacking = try run("unpack", file, unpacked)
        #expect(unpacking.status == 0)
        #expect(unpacking.errors.hasPrefix("\(unpacked) holds everything that \(file) does"))
        #expect(try run("replay", unpacked).lines == lines)
        for store in [file, unpacked] {
            let line = EventLines.line("A", EventLines.company, data: "1")
            let appended = try RecallProgram.run(["append", store, "--ack"], input: line, in: scratch)
            #expect(appended.status == 0 && appended.output.contains("\"position\":10,"))
        }
    }

    @Test func nothingIsOverwritten() throws {
        #expect(try run("pack", scratch.store, file).status == 0)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        let again = try run("pack", scratch.store, file)
        #expect(again.status == 4 && again.errors.contains("is not empty"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == bytes)
        let over = try run("unpack", file, scratch.store)
        #expect(over.status == 4 && over.errors.contains("is not empty"))
    }

    @Test func namesOfTheOtherLayoutAreRefused() throws {
        let directory = scratch.newPath("directory")
        let packing = try run("pack", scratch.store, directory)
        #expect(packing.status == 2 && packing.errors.contains("does not end in .recall"))
        #expect(try run("pack", scratch.store, file).status == 0)
        let unpacking = try run("unpack", file, directory + ".recall")
        #expect(unpacking.status == 2 && unpacking.errors.contains("ends in .recall"))
        #expect(try run("pack", scratch.newPath("nowhere"), file + ".recall").status == 4)
        #expect(!FileManager.default.fileExists(atPath: directory))
    }
}
