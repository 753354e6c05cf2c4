// A limit that the system itself enforces: the nearest to a full disk that can be had without filling it.

import Recall
import RecallLog

/// A writer whose files may not grow as large as it needs them.
struct LimitedFileCheck: SelfTestCheck {
    var promise: String {
        "A writer that the system refuses space ends with an error, and its store goes on later"
    }

    private static let fileBytesMax = 1 << 20

    func run(in directory: String, _ random: inout SplitMix64) throws -> String {
        let store = directory + "/store"
        let story = SelfTestStory(seed: random.next())
        var expectation = SelfTestExpectation(story)
        var writer = try SelfTestWriter(
            store: store, story: story, round: 0, writerCount: 4, fileBytesMax: Self.fileBytesMax,
            log: directory + "/writer.log")
        try expectation.listen(to: &writer)
        let status = try writer.wait()
        guard status == ExitStatus.unavailable.rawValue else {
            throw SelfTestFailure(
                "the writer ended with status \(status), expected 4; \(directory)/writer.log says why")
        }
        let log = try open(store)
        let eventCount = try expectation.check(log)
        try expectation.append(SelfTestStory.Place(round: 1, writer: 0, number: 0), to: log)
        try expectation.check(log)
        try log.closeBlocking()
        try verify(store, "the store after it")
        return
            "refused at files of \(Figure.bytes(UInt64(Self.fileBytesMax))), after \(Figure.count(eventCount, "event"))"
    }
}
