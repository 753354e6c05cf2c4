// `recall verify` and `recall inspect`: what they say of a whole store, and of one whose bytes have changed.

import Foundation
import Testing

@Suite struct VerifyTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        let input = (1 ... 6).map { index in
            EventLines.line(
                index == 2 ? "B" : "A", index % 2 == 0 ? EventLines.company : EventLines.other,
                more: "\"time\":\"2026-11-23T10:0\(index):00Z\",", data: "\"ZOIDBERG-\(index)\"")
        }
        let outcome = try RecallProgram.run(["append", scratch.store], input: input.joined(), in: scratch)
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    private func run(_ command: String, _ options: [String] = []) throws -> RecallProgram.Outcome {
        try RecallProgram.run([command, scratch.store] + options, in: scratch)
    }

    /// Changes one bit of the payload of event `index`, wherever in the store it lies.
    private func damage(_ index: Int) throws {
        let needle = Data("ZOIDBERG-\(index)".utf8)
        let paths = try #require(FileManager.default.enumerator(atPath: scratch.store))
        for case let path as String in paths where path.hasSuffix(".segment") {
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: scratch.store + "/" + path))
            // A segment is reserved at its full size; what these tests write stands at its beginning.
            let bytes = try file.read(upToCount: 64 << 10) ?? Data()
            guard let range = bytes.firstRange(of: needle) else { continue }
            try file.seek(toOffset: UInt64(range.lowerBound + 3))
            try file.write(contentsOf: Data([bytes[range.lowerBound + 3] ^ 0x10]))
            return
        }
        Issue.record("the payload of event \(index) was not found in any file")
    }

    @Test func aWholeStoreIsSaidToBeWhole() throws {
        let outcome = try run("verify")
        #expect(outcome.status == 0)
        #expect(outcome.errors.isEmpty)
        #expect(
            outcome.output.hasPrefix(
                "\(scratch.store) is whole: 1 segment, 6 commits, 6 events of 2 aggregates, "))
        let object = try EventLines.object(try run("verify", ["--json"]).output)
        #expect(object["isWhole"] as? Bool == true)
        #expect(object["events"] as? Int == 6)
        #expect(object["lastPosition"] as? Int == 6)
        #expect((object["damage"] as? [Any])?.isEmpty == true)
    }

    @Test func damageIsNamedByPlaceAndPosition() throws {
        try damage(4)
        let outcome = try run("verify")
        expectFailure(outcome, 1, "\(scratch.store) is damaged in 1 place")
        let pattern = /segment 1, offset \d+, position 4: .+\n.+ is damaged: .+\n/
        #expect(outcome.output.wholeMatch(of: pattern) != nil, "\(outcome.output)")
        let asJSON = try run("verify", ["--json"])
        #expect(asJSON.status == 1)
        let object = try EventLines.object(asJSON.output)
        #expect(object["isWhole"] as? Bool == false)
        let found = try #require((object["damage"] as? [[String: Any]])?.first)
        #expect(
            Set(found.keys) == [
                "kind", "segment", "offset", "firstPosition", "lastPosition", "unreadableBytes", "reason",
            ])
        #expect(found["segment"] as? Int == 1)
        #expect(found["firstPosition"] as? Int == 4)
        #expect(found["lastPosition"] as? Int == 4)
        #expect(found["offset"] is Int)
        #expect((found["reason"] as? String)?.isEmpty == false)
    }

    @Test func damageEndsReplayBehindWhatIsWhole() throws {
        try damage(4)
        let outcome = try run("replay")
        expectFailure(outcome, 1, "4")
        #expect(try EventLines.numbers("position", of: outcome) == [1, 2, 3])
        let rest = try run("replay", ["--from", "5"])
        #expect(rest.status == 0, "\(rest.errors)")
        #expect(try EventLines.numbers("position", of: rest) == [5, 6])
    }

    @Test func damageKeepsAppendFromWriting() throws {
        try damage(4)
        let outcome = try RecallProgram.run(
            ["append", scratch.store], input: EventLines.line("A"), in: scratch)
        expectFailure(outcome, 1, "damaged")
        #expect(outcome.output.isEmpty)
    }

    @Test func inspectCountsWhatThereIs() throws {
        let outcome = try run("inspect", ["--json"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let object = try EventLines.object(outcome.output)
        #expect(object["events"] as? Int == 6)
        #expect(object["commits"] as? Int == 6)
        #expect(object["aggregates"] as? Int == 2)
        #expect(object["snapshots"] as? Int == 0)
        #expect(object["wasClosedCleanly"] as? Bool == true)
        #expect(object["firstTime"] as? String == "2026-11-23T10:01:00.000000Z")
        #expect(object["lastTime"] as? String == "2026-11-23T10:06:00.000000Z")
        let types = try #require(object["eventTypes"] as? [[String: Any]])
        #expect(types.compactMap { $0["type"] as? String } == ["A", "B"])
        #expect(types.compactMap { $0["events"] as? Int } == [5, 1])
        let segments = try #require(object["segments"] as? [[String: Any]])
        #expect(segments.count == 1)
        #expect(segments.first?["events"] as? Int == 6)
        let text = try run("inspect")
        #expect(text.status == 0)
        #expect(text.errors.isEmpty)
        #expect(text.output.contains("\nevents       6\n"), "\(text.output)")
        #expect(text.output.contains("\nlast close   clean\n"), "\(text.output)")
        #expect(
            text.output.contains("\nevent type  events\nA                5\nB                1\n"),
            "\(text.output)")
    }

    @Test func anEmptyStoreCanBeVerifiedAndInspected() throws {
        let store = scratch.path + "/empty"
        #expect(try RecallProgram.run(["append", store], in: scratch).status == 0)
        for arguments in [["verify", store], ["inspect", store], ["inspect", store, "--json"]] {
            let outcome = try RecallProgram.run(arguments, in: scratch)
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
    }
}
