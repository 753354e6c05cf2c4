// docs/format.md and docs/format-single-file.md are enough to write a reader: one that was made from the pages alone
// prints what `recall replay` prints, of whole stores, of torn ones, and of damaged ones up to the damage.

import Foundation
import RecallLog
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

@testable import RecallCLI

@Suite(.enabled(if: IndependentReader.python != nil, "needs python3 with the package lz4"))
struct IndependentReaderTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// A directory, and a single file.
    enum Layout: String, CaseIterable, Sendable {
        case directory = ""
        case singleFile = ".recall"
    }

    private func store(_ layout: Layout) -> String { scratch.store + layout.rawValue }

    // MARK: Whole stores

    /// Graphs with children, tags, metadata, other content types, unicode, packed and other ids, several sessions, and
    /// a second segment that has a dictionary: with commits of one event, of some and of many. (A store whose first
    /// commit is large begins with a large segment, which nothing here fills.)
    @Test(arguments: [(1, 2), (7, 2), (15, 2), (250, 1)], Layout.allCases)
    func wholeStoresAreReadAlike(shape: (batch: Int, segmentCount: Int), layout: Layout) throws {
        for session in 0 ..< 3 {
            try append(lines(session * 700 ..< (session + 1) * 700), to: store(layout), batch: shape.batch)
        }
        let last = try SegmentBytes(store(layout), shape.segmentCount)
        try #require(last.dictionarySize > 0 || shape.segmentCount == 1, "the test tries less than it says")
        let replay = try expectSameReading(store(layout), in: scratch)
        #expect(replay.status == 0)
        #expect(replay.lines.count == 2100)
        #expect(replay.lines.contains { $0.contains("\"root\":") })
    }

    @Test func everyPayloadIsPrintedAlike() throws {
        let nested = { (depth: Int) in
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        let payloads = [
            "{\n \"a\" : [1, 2 , \"x\\n y\"],\r\n \"b\":{}}", "\r{}\r", "\t{ \"a\" :\t1 }", "", " ", "NaN",
            "Infinity",
            "[1,]", "\u{FEFF}{}", "\"\\ud800\"", "{\"a\":1,\"a\":2}", "01", "-0", "1e400", "1.", "\"\u{1}\"",
            "\"\u{7F}\u{2028}\u{85}\"", "\u{A0}1", String(repeating: "9", count: 6000), nested(512),
            nested(513),
            nested(5000), "\"\\x\"", "\"[[\\\"\"", "1 2", "true", "\"\\uD83D\\uDE00\"", "\u{661}", "1\u{0}",
        ]
        var input = payloads.map { line("application/json", Data($0.utf8)) }
        let strange: [[UInt8]] = [
            [0x22, 0xFF, 0x22], [0xC0, 0x80], [0x22, 0xED, 0xA0, 0x80, 0x22], [0, 0xFF],
        ]
        input += strange.map { line("application/json", Data($0)) }
        let contentTypes = [
            "application/JSON", "application/ld+json", "application/json; charset=utf-8", "text/plain",
            "+json",
            "application/ld+json;a=b", "x/json", "application/json ", "application/octet-stream",
        ]
        input += contentTypes.map { line($0, Data("{\"x\": 1}".utf8)) }
        let controls = (0 ..< 32).map { String(format: "\\u%04x", $0) }.joined()
        input.append(
            EventLines.line("\(controls)\\\"\\\\/é\u{2028}😀", more: "\"tags\":[\"b\",\"a\",\"b\",\"\"],"))
        for time in ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"] {
            input.append(EventLines.line("T", more: "\"time\":\"\(time)\","))
        }
        try append(input, to: scratch.store)
        let replay = try expectSameReading(scratch.store, in: scratch)
        #expect(replay.lines.count == input.count)
    }

    @Test(arguments: Layout.allCases)
    func aStoreWithoutEventsHasNoLine(layout: Layout) throws {
        try append([], to: store(layout))
        #expect(try expectSameReading(store(layout), in: scratch).output.isEmpty)
    }

    @Test(arguments: Layout.allCases)
    func whatIsNoStoreIsRefusedAlike(layout: Layout) throws {
        #expect(try expectSameReading(scratch.path + "/nothing" + layout.rawValue, in: scratch).status == 4)
    }

    // MARK: Stores that were not closed

    @Test(arguments: Layout.allCases)
    func theStoreOfAKilledWriterIsReadAlike(layout: Layout) throws {
        let input = scratch.newPath("in")
        try Data(lines(0 ..< 5000).joined().utf8).write(to: URL(fileURLWithPath: input))
        let pipe = scratch.newPath("pipe")
        try #require(mkfifo(pipe, 0o600) == 0)
        let writer = try RunningProgram(
            ["append", store(layout), "--ack"], inputPath: input, outputPath: pipe, in: scratch)
        // It is killed behind its first acknowledgement. How far it came by then is compared, and decides nothing.
        let acknowledgements = try FileHandle(forReadingFrom: URL(fileURLWithPath: pipe))
        _ = try acknowledgements.read(upToCount: 1)
        writer.signal(SIGKILL)
        _ = try writer.wait()
        let replay = try expectSameReading(store(layout), in: scratch)
        #expect(replay.status == 0)
        #expect(!replay.lines.isEmpty)
    }

    /// What a crash left of the last frames: zeros, or something else. The writer was killed, and nothing says that its last commits
    /// were durable.
    @Test(arguments: [1, 9, 30, 100, 400], Layout.allCases)
    func tornTailsAreCutOffAlike(byteCount: Int, layout: Layout) throws {
        let (input, output) = (scratch.newPath("in"), scratch.newPath("pipe"))
        try Data(lines(0 ..< 5000).joined().utf8).write(to: URL(fileURLWithPath: input))
        try #require(mkfifo(output, 0o600) == 0)
        let writer = try RunningProgram(
            ["append", store(layout), "--durability", "system", "--ack"], inputPath: input,
            outputPath: output, in: scratch)
        // Some thirty commits, whose frames are longer together than what is torn.
        let acknowledgements = try FileHandle(forReadingFrom: URL(fileURLWithPath: output))
        try #require(try acknowledgements.read(upToCount: 4096)?.count == 4096)
        writer.signal(SIGKILL)
        _ = try writer.wait()
        let segment = try SegmentBytes(store(layout), SegmentBytes.lastNumber(in: store(layout)))
        try #require(segment.usedSize - byteCount > segment.framesOffset, "the test tries less than it says")
        for byte: UInt8 in [0, 0xA5] {
            var torn = segment
            for offset in segment.usedSize - byteCount ..< segment.usedSize { torn.bytes[offset] = byte }
            try torn.write()
            let replay = try expectSameReading(store(layout), in: scratch)
            #expect(replay.status == 0)
            #expect(!replay.lines.isEmpty)
        }
    }

    /// The close frame goes first, without which nothing is lost. What goes with it was durable, as the mark of the close says.
    @Test(arguments: [(1, 0), (9, 0), (30, 1), (100, 1), (400, 1)] as [(Int, Int32)], Layout.allCases)
    func theEndOfAClosedStoreIsMissedAlike(lost: (byteCount: Int, status: Int32), layout: Layout) throws {
        try append(lines(0 ..< 40), to: store(layout), batch: 4)
        try append(lines(40 ..< 80), to: store(layout))
        let segment = try SegmentBytes(store(layout), 1)
        let end = segment.usedSize
        for byte: UInt8 in [0, 0xA5] {
            var torn = segment
            for offset in end - lost.byteCount ..< end { torn.bytes[offset] = byte }
            try torn.write()
            let replay = try expectSameReading(store(layout), in: scratch)
            #expect(replay.status == lost.status)
            #expect(!replay.lines.isEmpty)
        }
    }

    // MARK: Damaged stores

    /// Single flipped bits at places spread over both segments of one store: in headers, copies of the dictionary, commits,
    /// and frames of sessions.
    @Test(arguments: Layout.allCases)
    func damageIsReportedAlike(layout: Layout) throws {
        for session in 0 ..< 5 {
            try append(
                lines(session * 350 ..< (session + 1) * 350), to: store(layout), batch: session + 1)
        }
        var statuses: [Int32: Int] = [:]
        for number in [1, 2] {
            let segment = try SegmentBytes(store(layout), number)
            let framesOffset = segment.framesOffset
            let spread = (0 ..< 10).map {
                framesOffset + ($0 * 2 + 1) * (segment.usedSize - framesOffset) / 20
            }
            let sessionFrames = [segment.usedSize - 1, segment.usedSize - 9]
            for offset in [9, 40, 4608 + 9, 5120 + 6, 5120 + segment.dictionarySize + 4096 + 6] + spread
                + sessionFrames
            {
                var damaged = segment
                damaged.bytes[offset] ^= 0x10
                try damaged.write()
                let context: Comment = "segment \(number), byte \(offset)"
                statuses[try expectSameReading(store(layout), in: scratch, context).status, default: 0] += 1
            }
            try segment.write()
        }
        #expect(statuses[0, default: 0] > 3, "\(statuses)")
        #expect(statuses[1, default: 0] > 10, "\(statuses)")
    }

    /// Without both copies of what stands twice, something is lost; and in a file that is cut short, too.
    @Test func whatStandsTwiceIsLostWithBothCopies() throws {
        try append(lines(0 ..< 1400), to: scratch.store, batch: 2)
        let segment = try SegmentBytes(scratch.store, 2)
        for copies in [[16, 4608 + 16], [5120 + 30, 5120 + segment.dictionarySize + 4096 + 30]] {
            var damaged = segment
            for offset in copies { damaged.bytes[offset] ^= 1 }
            try damaged.write()
            #expect(try expectSameReading(scratch.store, in: scratch, "bytes \(copies)").status == 1)
        }
        var short = segment
        short.bytes.removeLast(4096)
        try short.write()
        #expect(try expectSameReading(scratch.store, in: scratch).status == 1)
        try FileManager.default.removeItem(atPath: SegmentBytes.path(scratch.store, 1))
        #expect(try expectSameReading(scratch.store, in: scratch).status == 1)
    }

    // MARK: What leads to the files of a single file

    /// A superblock stands twice, and so does the table of contents; what is lost with both copies is lost.
    @Test(
        arguments: [([9], 0), ([8192 + 17], 0), ([17, 8192 + 17], 1), ([32, 8192 + 30], 1)]
            as [([Int], Int32)])
    func superblocksAreChosenAlike(bytes: [Int], status: Int32) throws {
        try append(lines(0 ..< 40), to: store(.singleFile))
        var file = try SingleFileBytes(store(.singleFile))
        for offset in bytes { file.bytes[offset] ^= 1 }
        try file.write()
        #expect(try expectSameReading(store(.singleFile), in: scratch).status == status)
    }

    /// What a crash between the two writes of a superblock leaves, in either place.
    @Test(arguments: [0, 8192])
    func theSuperblockOfTheHigherGenerationIsTakenAlike(place: Int) throws {
        try append(lines(0 ..< 10), to: store(.singleFile))
        let older = try SingleFileBytes(store(.singleFile))
        try append(lines(10 ..< 1410), to: store(.singleFile), batch: 2)
        var file = try SingleFileBytes(store(.singleFile))
        try #require(file.generation > older.generation, "the test tries less than it says")
        file.bytes.replaceSubrange(place ..< place + 512, with: older.bytes[0 ..< 512])
        try file.write()
        #expect(try expectSameReading(store(.singleFile), in: scratch).lines.count == 1410)
    }

    @Test(arguments: [([0], 0), ([1], 0), ([0, 1], 1)] as [([Int], Int32)])
    func copiesOfTheTableAreChosenAlike(copies: [Int], status: Int32) throws {
        try append(lines(0 ..< 40), to: store(.singleFile))
        let file = try SingleFileBytes(store(.singleFile))
        for offset in [0, 8, 20, file.tableSize - 1] {
            var damaged = file
            for copy in copies {
                damaged.bytes[file.tableOffset + copy * (file.tableSize + 4096) + offset] ^= 1
            }
            try damaged.write()
            let context: Comment = "byte \(offset) of the copies \(copies)"
            #expect(try expectSameReading(store(.singleFile), in: scratch, context).status == status)
        }
    }

    /// Cut short anywhere, from nothing at all on; and with something in front of what is no store.
    @Test func filesThatAreNotWholeAreRefusedAlike() throws {
        try append(lines(0 ..< 40), to: store(.singleFile))
        let file = try SingleFileBytes(store(.singleFile))
        let count = file.bytes.count
        var statuses: Set<Int32> = []
        for size in [0, 1, 511, 512, 4096, 8192, 16384, 16385, file.tableOffset + 1, count / 2, count - 1] {
            var short = file
            short.bytes = file.bytes.prefix(size)
            try short.write()
            statuses.insert(try expectSameReading(store(.singleFile), in: scratch, "\(size) bytes").status)
        }
        for (size, byte) in [(16384, 0), (16385, 0), (16384, 1)] as [(Int, UInt8)] {
            var empty = file
            empty.bytes = Data(repeating: 0, count: size - 1) + [byte]
            try empty.write()
            statuses.insert(try expectSameReading(store(.singleFile), in: scratch, "\(size), \(byte)").status)
        }
        #expect(statuses.isSuperset(of: [1, 4]), "\(statuses)")
    }

    /// What a crash leaves while the first bytes of a store are written: no store; with anything else there, a damaged one.
    @Test func filesWhoseMakingWasInterruptedAreReadAlike() throws {
        var sector = ByteWriter()
        Superblock.empty.encode(to: &sector)
        let superblock = sector.withBytes { bytes in bytes.withUnsafeBytes { Data($0) } }
        let gap = Data(repeating: 0, count: 8192 - superblock.count)
        let head = superblock + gap + superblock + Data(repeating: 0, count: 16384 - 8704)
        try append([], to: store(.singleFile))
        var file = try SingleFileBytes(store(.singleFile))
        for size in [8, 300, 511, 512, 8192 + 100, 16384] {
            for torn in [nil, 0, 8192 + 511] {
                for stranger in [nil, 3, 9000] {
                    file.bytes = head.prefix(size)
                    for (offset, byte) in [(torn, 0), (stranger, 0xA5)] as [(Int?, UInt8)] {
                        if let offset, offset < size { file.bytes[offset] = byte }
                    }
                    try file.write()
                    let context: Comment = "\(size) bytes, torn \(torn ?? -1), stranger \(stranger ?? -1)"
                    let replay = try expectSameReading(store(.singleFile), in: scratch, context)
                    #expect(replay.status == 4 || stranger == 3, context)
                }
            }
        }
    }

    /// Of every kind that is kept, in both layouts: format version 1 as its first program wrote it.
    @Test(arguments: ["closed", "crashed", "sealed", "damaged"], Layout.allCases)
    func keptStoresAreReadAlike(name: String, layout: Layout) throws {
        let kept = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../RecallLogTests/Fixtures/v1/\(name)/store\(layout.rawValue)")
            .standardizedFileURL
        try FileManager.default.copyItem(atPath: kept.path, toPath: store(layout))
        let replay = try expectSameReading(store(layout), in: scratch)
        #expect(replay.status == (name == "damaged" ? 1 : 0))
        #expect(!replay.lines.isEmpty)
    }

    // MARK: Making stores

    private func append(_ input: [String], to store: String, batch: Int = 1) throws {
        let arguments = ["append", store, "--durability", "system", "--batch", "\(batch)"]
        let outcome = try RecallProgram.run(arguments, input: input.joined(), in: scratch)
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    private func line(_ contentType: String, _ payload: Data) -> String {
        """
        {"aggregate":"\(EventLines.other)","type":"T","contentType":"\(contentType)",\
        "dataBase64":"\(payload.base64EncodedString())"}\n
        """
    }

    /// Events of five graphs, each a root with three children, that have everything an event can have.
    private func lines(_ numbers: Range<Int>) -> [String] {
        numbers.map { number in
            let root = number % 5
            let child = number / 5 % 4
            let entity = { (child: Int) in "6f9619ff-8b86-d011-b42d-00c04fc9\(10 + root)\(20 + child)" }
            var more = "\"aggregateType\":\"\(child == 0 ? "Company" : "Employee")\","
            if child > 0 { more += "\"root\":\"\(entity(0))\"," }
            if number % 3 == 0 { more += "\"metadata\":{\"correlationId\":\"c-\(number)\",\"火星\":\"é\"}," }
            if number % 4 == 0 { more += "\"tags\":[\"z\",\"company:planet-express\"]," }
            if number % 7 == 0 { more += "\"schemaVersion\":\(number + 2)," }
            if number % 11 == 0 { more += "\"time\":\"19\(10 + number % 90)-11-23T10:15:30.\(number)Z\"," }
            if number % 13 == 0 { more += "\"id\":\"00000000-0000-4000-8000-\(100_000_000_000 + number)\"," }
            // Bytes that do not compress, so that a first segment is full soon.
            var random = SplitMix64(seed: UInt64(number))
            let noise = Data((0 ..< 300).map { _ in UInt8.random(in: 0 ... 255, using: &random) })
                .base64EncodedString()
            if number % 2 == 0 {
                return """
                    {"aggregate":"\(entity(child))","type":"PhotoTaken",\(more)"dataBase64":"\(noise)"}\n
                    """
            }
            let data =
                "{\"name\": \"Philip Fry\", \"text\": \"\(noise.prefix(number % 200))\", \"number\": \(number)}"
            return EventLines.line("Größe\(number % 3)", entity(child), more: more, data: data)
        }
    }
}
