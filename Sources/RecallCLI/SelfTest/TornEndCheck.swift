// A loss of power in the middle of a write, made by hand: some of the last commit's bytes are taken back.

import Recall
import RecallLog

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Tears the last commit of a copy of a store at many places.
struct TornEndCheck: SelfTestCheck {
    var promise: String { "A commit that a loss of power tore is not there, and costs no other" }

    private static let commitCount = 30
    private static let tearCount = 60
    private static let sectorBytes = 512

    func run(in directory: String, _ random: inout SplitMix64) throws -> String {
        let original = directory + "/store"
        let story = SelfTestStory(seed: random.next())
        var expectation = SelfTestExpectation(story)
        let log = try open(original)
        for number in 0 ..< Self.commitCount {
            try expectation.append(SelfTestStory.Place(round: 0, writer: 0, number: number), to: log)
        }
        let before = try StoredFiles(of: original)
        let torn = SelfTestStory.Place(round: 0, writer: 0, number: Self.commitCount)
        _ = try log.appendBlocking(story.commit(at: torn))
        let after = try StoredFiles(of: original)
        guard let name = after.lastSegmentName, let old = before.contents[name],
            let new = after.contents[name], old.count == new.count
        else {
            throw SelfTestFailure("the last commit began a new segment, which this check does not expect")
        }
        let changed = old.indices.filter { old[$0] != new[$0] }
        guard let first = changed.first, let last = changed.last else {
            throw SelfTestFailure("a commit was acknowledged and no byte of the segment changed")
        }
        for tear in 0 ..< Self.tearCount {
            let store = "\(directory)/torn-\(tear)"
            try before.write(to: store)
            // A tear at a byte, which is harsher than disks are, or any subset of the sectors.
            var bytes = new
            if tear.isMultiple(of: 2) {
                let cut = Int.random(in: first ... last, using: &random)
                bytes[cut...] = old[cut...]
            } else {
                for sector in first / Self.sectorBytes ... last / Self.sectorBytes
                where Bool.random(using: &random) {
                    let range = sector * Self.sectorBytes ..< (sector + 1) * Self.sectorBytes
                    bytes[range] = old[range]
                }
            }
            try bytes.write(to: URL(filePath: "\(store)/\(name)"))
            do {
                try check(store, expectation)
            } catch {
                throw SelfTestFailure("tear \(tear): \(error)")
            }
            try TemporaryDirectory.removeTree(store)
        }
        try log.closeBlocking()
        return Figure.count(Self.tearCount, "tear")
    }

    /// Opens a torn store, reads it, and goes on with it.
    private func check(_ store: String, _ before: SelfTestExpectation) throws {
        var expectation = before
        let log = try open(store)
        try expectation.check(log)
        // The next session's commit takes the place of the torn one.
        try expectation.append(SelfTestStory.Place(round: 1, writer: 0, number: 0), to: log)
        try expectation.check(log)
        try log.closeBlocking()
        try verify(store, "the store after it")
    }
}
