// `kill -9` of `recall append --ack` after random numbers of acknowledgements: every acknowledged event is there, whole and in
// order, and nothing is there that was not sent. One store lives through all rounds.

import Foundation
import Recall
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

@testable import RecallCLI

@Suite(.serialized) struct KillTests {
    private static let lineCount = 20_000
    private static let aggregates = (1 ... 7).map { "00000000-0000-4000-8000-00000000000\($0)" }

    private func line(_ round: Int, _ index: Int) -> String {
        let id = "00000000-0000-4000-8\(Self.hexadecimal(round, 3))-\(Self.hexadecimal(index, 12))"
        let data =
            "{\"round\":\(round),\"index\":\(index),\"text\":\"\(String(repeating: "x", count: index % 500))\"}"
        return EventLines.line(
            "T\(round)", Self.aggregates[index % Self.aggregates.count], more: "\"id\":\"\(id)\",", data: data
        )
    }

    private static func hexadecimal(_ value: Int, _ digitCount: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digitCount - digits.count)) + digits
    }

    @Test func whatWasAcknowledgedSurvivesBeingKilled() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix64(seed: seed)
        let scratch = try Scratch()
        /// What is known to be stored: the round and the index of each event.
        var stored: [(round: Int, index: Int)] = []
        for round in 1 ... 30 {
            let batch = [1, 1, 10].randomElement(using: &random) ?? 1
            let durability =
                ["commit", "commit", "interval", "system"].randomElement(using: &random) ?? "commit"
            let context: Comment = "seed \(seed), round \(round), batch \(batch), \(durability)"
            let input = scratch.newPath("in")
            let text = (0 ..< Self.lineCount).map { line(round, $0) }.joined()
            try Data(text.utf8).write(to: URL(fileURLWithPath: input))
            let pipe = try AcknowledgementPipe(at: scratch.newPath("out"))
            let program = try RunningProgram(
                ["append", scratch.store, "--ack", "--batch", "\(batch)", "--durability", durability],
                inputPath: input, outputPath: pipe.path, in: scratch)
            // After so many acknowledged commits, which the seed repeats, and not after so much time, which it would not. None in
            // every tenth round: then the kill comes while the program starts or opens the store.
            let commitCount =
                Int.random(in: 0 ..< 10, using: &random) == 0 ? 0 : Int.random(in: 1 ... 400, using: &random)
            pipe.read(lineCount: commitCount)
            program.signal(SIGKILL)
            // The kill may come in the midst of the write of a line, which then acknowledges nothing.
            var outcome = try program.wait()
            outcome.output = pipe.readToEnd()
            outcome = outcome.cutToWholeLines
            #expect(outcome.status == -SIGKILL || outcome.status == 0, context)
            let acknowledged = try EventLines.numbers("position", of: outcome).last ?? stored.count
            // Opening to append does what recovery has to do.
            let opening = try RecallProgram.run(["append", scratch.store], in: scratch)
            try #require(opening.status == 0, "\(context): \(opening.errors)")
            let replay = try RecallProgram.run(["replay", scratch.store], in: scratch)
            try #require(replay.status == 0, "\(context): \(replay.errors)")
            let lines = replay.lines
            try #require(lines.count >= acknowledged, context)
            try #require(lines.count >= stored.count, context)
            #expect((lines.count - stored.count) % batch == 0 || outcome.status == 0, context)
            for index in 0 ..< lines.count - stored.count { stored.append((round, index)) }
            try check(lines, stored, context)
        }
        let verification = try RecallProgram.run(["verify", scratch.store], in: scratch)
        #expect(verification.status == 0, "seed \(seed): \(verification)")
        #expect(!stored.isEmpty, "seed \(seed)")
    }

    /// Checks that the lines of a replay are exactly the events that are known to be stored.
    private func check(_ lines: [String], _ stored: [(round: Int, index: Int)], _ context: Comment) throws {
        var versions: [String: UInt64] = [:]
        for (offset, line) in lines.enumerated() {
            let (round, index) = stored[offset]
            let sent = try EventLineDecoder().decode(Array(self.line(round, index).utf8).span).event
            let found = try EventLineDecoder().decode(Array(line.utf8).span).event
            let aggregate = sent.aggregateID.description
            versions[aggregate, default: 0] += 1
            let start = """
                {"position":\(offset + 1),"aggregate":"\(aggregate)","aggregateType":"",\
                "version":\(versions[aggregate] ?? 0),
                """
            try #require(line.hasPrefix(start), "\(context): \(line)")
            try #require(found.id == sent.id, "\(context): \(line)")
            try #require(found.type == sent.type, "\(context): \(line)")
            try #require(found.payload == sent.payload, "\(context): \(line)")
        }
    }
}

/// A named pipe through which a program acknowledges, read by the test's thread.
private final class AcknowledgementPipe {
    let path: String
    private let descriptor: Int32
    private var bytes: [UInt8] = []
    private var lineCount = 0

    init(at path: String) throws {
        self.path = path
        try #require(mkfifo(path, 0o600) == 0)
        // Without waiting for whoever writes: the program may be killed before it opens its end.
        descriptor = open(path, O_RDONLY | O_NONBLOCK)
        try #require(descriptor >= 0)
    }

    deinit { close(descriptor) }

    /// Waits until so many lines have come, or the program has ended.
    func read(lineCount count: Int) {
        while lineCount < count {
            var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&wait, 1, -1) < 0, errno == EINTR { continue }
            if readPart() == 0 { return }
        }
    }

    /// All that the program wrote, once it has ended.
    func readToEnd() -> String {
        while readPart() > 0 {}
        return String(decoding: bytes, as: UTF8.self)
    }

    private func readPart() -> Int {
        var part = [UInt8](repeating: 0, count: 4096)
        #if canImport(Glibc)
        let count = Glibc.read(descriptor, &part, part.count)
        #elseif canImport(Musl)
        let count = Musl.read(descriptor, &part, part.count)
        #else
        let count = Darwin.read(descriptor, &part, part.count)
        #endif
        guard count > 0 else { return 0 }
        bytes += part[..<count]
        lineCount += part[..<count].count { $0 == 0x0A }
        return count
    }
}
