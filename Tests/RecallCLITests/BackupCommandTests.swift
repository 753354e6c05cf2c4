// `recall backup`: what it says and with which status it ends, beside a writer and in the face of every wrong path.

import Foundation
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

@Suite struct BackupCommandTests {
    private let scratch: Scratch
    private let copy: String

    init() throws {
        scratch = try Scratch()
        copy = scratch.newPath("copy")
        try append(1 ... 6)
    }

    private func append(_ indexes: ClosedRange<Int>, to store: String? = nil) throws {
        let input = indexes.map { EventLines.line("A", EventLines.company, data: "\"ZOIDBERG-\($0)\"") }
        let outcome = try RecallProgram.run(
            ["append", store ?? scratch.store], input: input.joined(), in: scratch)
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    private func backup(_ store: String? = nil, _ dest: String? = nil) throws -> RecallProgram.Outcome {
        try RecallProgram.run(["backup", store ?? scratch.store, dest ?? copy], in: scratch)
    }

    private func replay(_ store: String) throws -> String {
        let outcome = try RecallProgram.run(["replay", store], in: scratch)
        #expect(outcome.status == 0)
        return outcome.output
    }

    @Test func firstAndNextBackupSayWhatWasCopied() throws {
        let first = try backup()
        #expect(first.status == 0 && first.output.isEmpty)
        let pattern = /.+ holds everything up to position 6: 1 segment, \d.+, copied\.\n/
        #expect(first.errors.wholeMatch(of: pattern) != nil, "\(first.errors)")
        #expect(first.errors.hasPrefix(copy))
        #expect(try replay(copy) == replay(scratch.store))
        let again = try backup()
        #expect(again.status == 0)
        #expect(again.errors == "\(copy) holds everything up to position 6 already; nothing was copied.\n")
        try append(7 ... 9)
        let more = try backup()
        #expect(more.status == 0 && more.errors.contains("up to position 9: 1 segment, "), "\(more.errors)")
        #expect(try replay(copy) == replay(scratch.store))
        for command in ["verify", "inspect"] {
            #expect(try RecallProgram.run([command, copy], in: scratch).status == 0)
        }
    }

    @Test func storeWithoutEventsIsBackedUp() throws {
        let empty = scratch.newPath("empty")
        #expect(try RecallProgram.run(["append", empty], in: scratch).status == 0)
        let outcome = try backup(empty)
        #expect(outcome.status == 0)
        #expect(outcome.errors == "\(copy) is a backup of a store without events.\n")
    }

    @Test func damageIsNamedAndTheEarlierBackupStays() throws {
        #expect(try backup().status == 0)
        let before = try replay(copy)
        try append(7 ... 12)
        let path = scratch.store + "/segments/0000000001.segment"
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        let bytes = try file.read(upToCount: 64 << 10) ?? Data()
        let place = try #require(bytes.firstRange(of: Data("ZOIDBERG-8".utf8))).lowerBound
        try file.seek(toOffset: UInt64(place))
        try file.write(contentsOf: Data([bytes[place] ^ 0x10]))
        let outcome = try backup()
        expectFailure(outcome, 1, "\(scratch.store) is damaged in segment 1 at offset ")
        #expect(outcome.errors.contains("position"))
        #expect(try replay(copy) == before)
        #expect(try RecallProgram.run(["verify", copy], in: scratch).status == 0)
    }

    @Test func wrongDestinationsAreRefused() throws {
        let other = scratch.newPath("other")
        try append(1 ... 1, to: other)
        let before = try replay(other)
        expectFailure(try backup(nil, other), 4, "\(other) holds another store")
        #expect(try replay(other) == before)
        let directory = scratch.newPath("letters")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        try Data("x".utf8).write(to: URL(fileURLWithPath: directory + "/letter.txt"))
        expectFailure(try backup(nil, directory), 4, "holds letter.txt")
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["letter.txt"])
        expectFailure(try backup(nil, directory + "/letter.txt"), 4, "is no store; name")
        expectFailure(try backup(nil, scratch.store), 4, "is the store that is backed up")
        expectFailure(try backup(nil, ""), 2, "path of the backup is empty")
        expectFailure(try backup(scratch.newPath("missing")), 4, "There is no store")
        expectFailure(try backup(nil, scratch.path + "/missing/copy"), 4, "does not exist")
        expectFailure(try RecallProgram.run(["backup", scratch.store], in: scratch), 2, "dest")
        // A backup that somebody appended to holds more than the store.
        #expect(try backup().status == 0)
        try append(20 ... 20, to: copy)
        expectFailure(try backup(), 4, "differ from position 7 on")
    }

    /// Backups of a store in use, one after the other, while a process appends durably; then of what it left.
    @Test func storeInUseIsBackedUp() throws {
        let input = scratch.newPath("pipe")
        try #require(mkfifo(input, 0o600) == 0)
        let writer = try RunningProgram(["append", scratch.store, "--ack"], inputPath: input, in: scratch)
        let pipe = try FileHandle(forWritingTo: URL(fileURLWithPath: input))
        var positions: [Int] = []
        for round in 1 ... 5 {
            let lines = (1 ... 40).map {
                EventLines.line("A", EventLines.company, data: "\"round-\(round)-\($0)\"")
            }
            try pipe.write(contentsOf: Data(lines.joined().utf8))
            let outcome = try backup()
            #expect(outcome.status == 0, "\(outcome.errors)")
            let match = outcome.errors.firstMatch(of: /up to position (\d+)/)
            positions.append(try #require(match.flatMap { Int($0.1) }))
            #expect(try RecallProgram.run(["verify", copy], in: scratch).status == 0)
        }
        #expect(positions == positions.sorted() && positions.allSatisfy { $0 >= 6 })
        try pipe.close()
        #expect(try writer.wait().status == 0)
        #expect(try backup().status == 0)
        #expect(try replay(copy) == replay(scratch.store))
        #expect(
            try EventLines.numbers("position", of: RecallProgram.run(["replay", copy], in: scratch)).count
                == 206)
    }
}
