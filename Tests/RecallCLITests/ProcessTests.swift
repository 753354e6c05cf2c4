// How the program behaves among other processes: pipes that close, signals, locks, readers beside a writer.

import Foundation
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

@Suite(.serialized) struct ProcessTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// A program whose input and output are in the hands of the test.
    private struct Conversation {
        let program: RunningProgram
        let input: FileHandle
        let output: FileHandle

        func send(_ text: String) throws { try input.write(contentsOf: Data(text.utf8)) }

        /// Waits for the next line of output.
        func line() throws -> String {
            var bytes: [UInt8] = []
            while let byte = try output.read(upToCount: 1)?.first, byte != 0x0A { bytes.append(byte) }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    private func start(_ arguments: [String]) throws -> Conversation {
        let (inputPath, outputPath) = (scratch.newPath("in"), scratch.newPath("out"))
        for path in [inputPath, outputPath] { try #require(mkfifo(path, 0o600) == 0) }
        let program = try RunningProgram(arguments, inputPath: inputPath, outputPath: outputPath, in: scratch)
        let input = try #require(FileHandle(forWritingAtPath: inputPath))
        let output = try #require(FileHandle(forReadingAtPath: outputPath))
        return Conversation(program: program, input: input, output: output)
    }

    @Test func acknowledgementsComeAtOnce() throws {
        let writer = try start(["append", scratch.store, "--ack"])
        for position in 1 ... 3 {
            try writer.send(EventLines.line("A"))
            #expect(try writer.line().hasPrefix("{\"position\":\(position),\"count\":1,"))
        }
        try writer.input.close()
        #expect(try writer.program.wait().status == 0)
    }

    @Test func aLockedStoreNamesWhoHoldsIt() throws {
        let writer = try start(["append", scratch.store, "--ack"])
        try writer.send(EventLines.line("A"))
        _ = try writer.line()
        let second = try RecallProgram.run(
            ["append", scratch.store], input: EventLines.line("B"), in: scratch)
        expectFailure(second, 4, "\(writer.program.process)")
        let reader = try RecallProgram.run(["replay", scratch.store], in: scratch)
        #expect(reader.status == 0, "\(reader.errors)")
        #expect(try EventLines.texts("type", of: reader) == ["A"])
        try writer.send(EventLines.line("C"))
        #expect(try writer.line().hasPrefix("{\"position\":2,"))
        try writer.input.close()
        #expect(try writer.program.wait().status == 0)
        #expect(try RecallProgram.run(["append", scratch.store], in: scratch).status == 0)
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func aSignalClosesTheStoreCleanly(_ number: Int32) throws {
        let writer = try start(["append", scratch.store, "--ack"])
        try writer.send(EventLines.line("A"))
        _ = try writer.line()
        // Half a line was never said to the end.
        try writer.send("{\"aggregate\":")
        writer.program.signal(number)
        let outcome = try writer.program.wait()
        #expect(outcome.status == 0)
        #expect(
            outcome.errors
                == "Appended 1 event before \(number == SIGINT ? "SIGINT" : "SIGTERM") ended the run.\n")
        let inspection = try RecallProgram.run(["inspect", scratch.store, "--json"], in: scratch)
        #expect(inspection.output.contains("\"wasClosedCleanly\":true"), "\(inspection)")
        #expect(try RecallProgram.run(["replay", scratch.store], in: scratch).lines.count == 1)
    }

    @Test func aSignalCommitsTheLinesOfAnUnfinishedBatch() throws {
        let writer = try start(["append", scratch.store, "--ack", "--batch", "2"])
        try writer.send(EventLines.line("A") + EventLines.line("B") + EventLines.line("C"))
        _ = try writer.line()
        writer.program.signal(SIGTERM)
        #expect(try writer.line().hasPrefix("{\"position\":3,\"count\":1,"))
        #expect(try writer.program.wait().status == 0)
    }

    @Test func aReaderThatGoesAwayEndsReplayQuietly() throws {
        let input = (1 ... 5000).map { EventLines.line("T\($0)") }.joined()
        let options = ["--batch", "1000", "--durability", "system"]
        #expect(
            try RecallProgram.run(["append", scratch.store] + options, input: input, in: scratch).status == 0)
        let reader = try start(["replay", scratch.store])
        #expect(try reader.line().hasPrefix("{\"position\":1,"))
        try reader.output.close()
        let outcome = try reader.program.wait()
        #expect(outcome.status == 0)
        #expect(outcome.errors.isEmpty)
    }

    @Test func acknowledgementsThatNobodyReadsEndAppend() throws {
        let writer = try start(["append", scratch.store, "--ack"])
        try writer.output.close()
        try writer.send(EventLines.line("A") + EventLines.line("B"))
        let outcome = try writer.program.wait()
        expectFailure(outcome, 2, "Nobody reads the acknowledgements any more; 1 event is stored")
        #expect(try RecallProgram.run(["replay", scratch.store], in: scratch).lines.count == 1)
    }

    @Test func followingSeesWhatAnotherProcessWrites() throws {
        let writer = try start(["append", scratch.store, "--ack"])
        try writer.send(EventLines.line("A"))
        _ = try writer.line()
        let reader = try start(["replay", scratch.store, "--follow", "--type", "A"])
        #expect(try reader.line().hasPrefix("{\"position\":1,"))
        for position in [3, 5, 7] {
            try writer.send(EventLines.line("B") + EventLines.line("A"))
            #expect(try reader.line().hasPrefix("{\"position\":\(position),"))
        }
        reader.program.signal(SIGINT)
        let outcome = try reader.program.wait()
        #expect(outcome.status == 0)
        #expect(outcome.errors.isEmpty)
        try writer.input.close()
        #expect(try writer.program.wait().status == 0)
    }

    @Test func followingEndsWhenItsReaderGoesAway() throws {
        #expect(
            try RecallProgram.run(["append", scratch.store], input: EventLines.line("A"), in: scratch).status
                == 0)
        let reader = try start(["replay", scratch.store, "--follow"])
        _ = try reader.line()
        try reader.output.close()
        let outcome = try reader.program.wait()
        #expect(outcome.status == 0)
        #expect(outcome.errors.isEmpty)
    }
}
