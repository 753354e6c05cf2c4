// What stands behind the end of a store, as the program says it: `behindEnd` of `verify`, what `salvage` keeps, and where
// `append` puts what it cuts off.

import Foundation
import Testing

@Suite struct BehindEndCommandTests {
    typealias Layout = IndependentReaderTests.Layout

    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Bytes rotted in the tail of a writer that was killed: verify said that the store was whole, and append wrote over what had been
    /// acknowledged.
    @Test(arguments: Layout.allCases)
    func commitsBehindARottenOneAreCountedAndKept(layout: Layout) throws {
        let store = scratch.newPath("store") + layout.rawValue
        let (input, output) = (scratch.newPath("in"), scratch.newPath("pipe"))
        let lines = (0 ..< 4000).map { EventLines.line("A", EventLines.other, data: "\($0)") }
        try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: input))
        try #require(mkfifo(output, 0o600) == 0)
        let writer = try RunningProgram(
            ["append", store, "--durability", "system", "--ack"], inputPath: input, outputPath: output,
            in: scratch)
        let acknowledgements = try FileHandle(forReadingFrom: URL(fileURLWithPath: output))
        try #require(try acknowledgements.read(upToCount: 4096)?.count == 4096)
        writer.signal(SIGKILL)
        _ = try writer.wait()
        let whole = try EventLines.object(
            RecallProgram.run(["verify", store, "--json"], in: scratch).output)
        #expect(whole["behindEnd"] is NSNull)

        var segment = try SegmentBytes(store, SegmentBytes.lastNumber(in: store))
        let place = segment.framesOffset + (segment.usedSize - segment.framesOffset) / 2
        for offset in place ..< place + 3 { segment.bytes[offset] ^= 0x55 }
        try segment.write()
        let verified = try RecallProgram.run(["verify", store, "--json"], in: scratch)
        #expect(verified.status == 1)
        let object = try EventLines.object(verified.output)
        #expect(object["isWhole"] as? Bool == false)
        #expect((object["damage"] as? [Any])?.isEmpty == true)
        let rest = try #require(object["behindEnd"] as? [String: Any])
        #expect(Set(rest.keys) == ["segment", "offset", "commits", "events"])
        let count = try #require(rest["commits"] as? Int)
        #expect(count > 0 && rest["events"] as? Int == count)
        let text = try RecallProgram.run(["verify", store], in: scratch)
        #expect(text.status == 1)
        #expect(text.output.contains("\(count) whole commit"))
        #expect(text.errors.contains("may have been acknowledged"))

        let last = try #require(object["lastPosition"] as? Int)
        let salvage = try RecallProgram.run(
            ["salvage", store, scratch.newPath("salvaged"), "--json"], in: scratch)
        let salvaged = try EventLines.object(salvage.output)
        #expect(salvaged["events"] as? Int == last + count)

        let appended = try RecallProgram.run(
            ["append", store], input: EventLines.line("A", EventLines.company, data: "1"), in: scratch)
        #expect(appended.status == 0)
        #expect(appended.errors.contains("\(count) commit"))
        let name = try #require(appended.errors.firstMatch(of: /kept in (\S+cut-\S+[0-9a-f])/)?.1)
        #expect(FileManager.default.fileExists(atPath: String(name)))
        #expect(try RecallProgram.run(["verify", store], in: scratch).status == 0)
    }
}
