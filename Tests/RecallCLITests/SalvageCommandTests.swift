// `recall salvage`: what it says and with which status it ends, for a whole store, a damaged one, and a wrong destination.

import Foundation
import Testing

@Suite struct SalvageCommandTests {
    private let scratch: Scratch
    private let copy: String

    init() throws {
        scratch = try Scratch()
        copy = scratch.newPath("copy")
        let input = (1 ... 6).map { index in
            EventLines.line(
                "A", index == 2 ? EventLines.other : EventLines.company,
                more: "\"time\":\"2026-11-23T10:0\(index):00Z\",", data: "\"ZOIDBERG-\(index)\"")
        }
        let outcome = try RecallProgram.run(["append", scratch.store], input: input.joined(), in: scratch)
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    private func salvage(_ options: [String] = []) throws -> RecallProgram.Outcome {
        try RecallProgram.run(["salvage", scratch.store, copy] + options, in: scratch)
    }

    private func damage(_ index: Int) throws {
        let path = scratch.store + "/segments/0000000001.segment"
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        let bytes = try file.read(upToCount: 64 << 10) ?? Data()
        let place = try #require(bytes.firstRange(of: Data("ZOIDBERG-\(index)".utf8))).lowerBound
        try file.seek(toOffset: UInt64(place))
        try file.write(contentsOf: Data([bytes[place] ^ 0x10]))
    }

    @Test func aWholeStoreIsCopiedWhole() throws {
        let outcome = try salvage()
        #expect(outcome.status == 0)
        #expect(outcome.errors.isEmpty)
        #expect(
            outcome.output.hasPrefix("\(copy) holds everything: 6 commits, 6 events of 1 segment copied, "))
        let replayed = try RecallProgram.run(["replay", copy], in: scratch)
        #expect(replayed.output == (try RecallProgram.run(["replay", scratch.store], in: scratch)).output)
        #expect(try RecallProgram.run(["verify", copy], in: scratch).status == 0)
    }

    @Test func lossIsListedAndTheRestIsCopied() throws {
        try damage(3)
        let outcome = try salvage(["--json"])
        expectFailure(outcome, 1, "\(scratch.store) has lost events in 1 place")
        let object = try EventLines.object(outcome.output)
        #expect(object["isComplete"] as? Bool == false)
        #expect(object["events"] as? Int == 5)
        let lost = try #require(object["lost"] as? [[String: Any]])
        #expect(lost.count == 1)
        #expect(lost.first?["segment"] as? Int == 1)
        #expect(lost.first?["offset"] is Int)
        #expect(lost.first?["firstPosition"] as? Int == 3)
        #expect(lost.first?["lastPosition"] as? Int == 3)
        #expect((lost.first?["reason"] as? String)?.isEmpty == false)
        let ranges = try #require(object["ranges"] as? [[String: Int]])
        #expect(
            ranges == [
                ["firstPosition": 1, "lastPosition": 2, "newFirstPosition": 1, "newLastPosition": 2],
                ["firstPosition": 4, "lastPosition": 6, "newFirstPosition": 3, "newLastPosition": 5],
            ])
        let shifted = try #require(object["shiftedStreams"] as? [[String: Any]])
        #expect(shifted.count == 1)
        #expect(shifted.first?["aggregate"] is String)
        #expect(shifted.first?["firstVersion"] as? Int == 3)
        #expect(shifted.first?["lost"] as? Int == 1)
        #expect(try RecallProgram.run(["verify", copy], in: scratch).status == 0)
        #expect(
            try EventLines.numbers("position", of: RecallProgram.run(["replay", copy], in: scratch))
                == [1, 2, 3, 4, 5])
    }

    @Test func textNamesPlaceAndNewPositions() throws {
        try damage(3)
        let outcome = try salvage()
        #expect(outcome.status == 1)
        let pattern =
            /lost: segment 1, offset \d+, position 3: .+\npositions 4 to 6 are 3 to 5 now\nversions are lower than they were in 1 stream; --json names them\n.+ holds what is whole: .+\n/
        #expect(outcome.output.wholeMatch(of: pattern) != nil, "\(outcome.output)")
    }

    @Test func destinationThatHoldsAnythingIsRefused() throws {
        try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: false)
        try Data("x".utf8).write(to: URL(fileURLWithPath: copy + "/letter.txt"))
        expectFailure(try salvage(), 2, "\(copy) is not empty")
        #expect(try FileManager.default.contentsOfDirectory(atPath: copy) == ["letter.txt"])
    }
}
