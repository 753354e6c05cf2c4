// A reader in another process than the writer: it sees only what cannot be lost any more.

import Recall
import RecallLog

/// Reads a store again and again while another process appends to it, and once more after that was killed.
struct ReaderBesideWriterCheck: SelfTestCheck {
    var promise: String {
        "A reader beside the writer sees whole commits in order, and none that a crash takes back"
    }

    private static let passCount = 8

    func run(in directory: String, _ random: inout SplitMix64) throws -> String {
        let store = directory + "/store"
        let story = SelfTestStory(seed: random.next())
        var expectation = SelfTestExpectation(story)
        var writer = try SelfTestWriter(
            store: store, story: story, round: 0, writerCount: 3, log: directory + "/writer.log")
        guard let said = try writer.next() else {
            throw SelfTestFailure("the writer ended by itself; \(directory)/writer.log says why")
        }
        expectation.acknowledge(said.place, at: said.position)
        let reader = try Log.openBlocking(
            at: store, access: .readOnly, configuration: SelfTest.configuration())
        var eventCount = 0
        for _ in 0 ..< Self.passCount {
            try expectation.listen(to: &writer, countMax: Int.random(in: 1 ... 20, using: &random))
            eventCount = try expectation.check(reader, isFinal: false)
        }
        try reader.closeBlocking()
        writer.kill()
        try expectation.listen(to: &writer)
        _ = try writer.wait()
        let log = try open(store)
        try expectation.check(log)
        try log.closeBlocking()
        return "\(Figure.count(Self.passCount, "reading")), \(Figure.count(eventCount, "event")) seen"
    }
}
