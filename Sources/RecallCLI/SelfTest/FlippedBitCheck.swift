// Bits that turn over in files at rest: they may cost events, but never in silence, and never give another event.

import Recall
import RecallLog

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Flips single bits in the files of a store that was closed, and reads it each time.
struct FlippedBitCheck: SelfTestCheck {
    var promise: String { "A flipped bit is found and named, and never read as an event that nobody stored" }

    var configuration = SelfTest.configuration()

    private static let commitCount = 120
    private static let flipCount = 300

    func run(in directory: String, _ random: inout SplitMix64) throws -> String {
        let store = directory + "/store"
        let story = SelfTestStory(seed: random.next())
        let log = try open(store)
        for number in 0 ..< Self.commitCount {
            _ = try log.appendBlocking(
                story.commit(at: SelfTestStory.Place(round: 0, writer: 0, number: number)))
        }
        var stored: [RecordedEvent] = []
        try log.appendAllEvents(to: &stored)
        try log.closeBlocking()
        let files = try StoredFiles(of: store)
        let names = files.names
        var foundCount = 0
        for _ in 0 ..< Self.flipCount {
            guard let name = names.randomElement(using: &random), let data = files.contents[name] else {
                continue
            }
            // Space that nothing was written to is most of a small store; what is written is what matters.
            let used = data.lastIndex { $0 != 0 }.map { $0 + 1 } ?? data.count
            guard used > 0 else { continue }
            let offset = Int.random(in: 0 ..< used, using: &random)
            let bit = Int.random(in: 0 ..< 8, using: &random)
            var flipped = data
            flipped[offset] ^= 1 << bit
            try flipped.write(to: URL(filePath: "\(store)/\(name)"))
            do {
                if try !check(store, stored) { foundCount += 1 }
            } catch {
                throw SelfTestFailure("\(name), byte \(offset), bit \(bit): \(error)")
            }
            try data.write(to: URL(filePath: "\(store)/\(name)"))
        }
        guard try check(store, stored) else {
            throw SelfTestFailure("the store is damaged after all bits were put back")
        }
        return
            "\(Figure.count(Self.flipCount, "flip")); \(foundCount) made something unreadable, and each of these was found"
    }

    /// - Returns: whether everything could be read.
    private func check(_ store: String, _ stored: [RecordedEvent]) throws -> Bool {
        var read: [RecordedEvent] = []
        do throws(StoreError) {
            let log = try Log.openBlocking(
                at: store, access: .readOnly, configuration: configuration)
            defer { try? log.closeBlocking() }
            try log.appendAllEvents(to: &read)
        } catch {
            guard error.code == .damaged || error.code == .unsupported || error.code == .notFound else {
                throw SelfTestFailure("it was refused for another reason than damage: \(error.message)")
            }
            guard stored.starts(with: read) else {
                throw SelfTestFailure("another event was read than was stored")
            }
            let report = try? Log.verify(at: store)
            if report?.isWhole == true {
                throw SelfTestFailure("reading failed, and verifying found nothing")
            }
            return false
        }
        guard read == stored else {
            throw SelfTestFailure("something else was read than was stored, without an error")
        }
        return true
    }
}
