// Writers that are killed: `kill -9` leaves them no moment to tidy up.

import RecallLog

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Kills a process that appends, again and again, at random moments; one store lives through all of it.
struct KilledWriterCheck: SelfTestCheck {
    let roundCount: Int

    var promise: String { "What was acknowledged survives a writer that is killed" }

    func run(in directory: String, _ random: inout SplitMix64) throws -> String {
        let store = directory + "/store"
        let story = SelfTestStory(seed: random.next())
        var expectation = SelfTestExpectation(story)
        var eventCount = 0
        for round in 0 ..< roundCount {
            var writer = try SelfTestWriter(
                store: store, story: story, round: round,
                writerCount: Int.random(in: 1 ... 4, using: &random),
                log: directory + "/writer.log")
            // Now and then before the first answer, within the opening of the store.
            let waitCount =
                Int.random(in: 0 ..< 10, using: &random) == 0 ? 0 : Int.random(in: 1 ... 120, using: &random)
            if waitCount == 0 { usleep(UInt32.random(in: 0 ..< 20_000, using: &random)) }
            try expectation.listen(to: &writer, countMax: waitCount)
            writer.kill()
            // What it had said before it was killed counts as well.
            try expectation.listen(to: &writer)
            let status = try writer.wait()
            guard status == -SIGKILL else {
                throw SelfTestFailure(
                    "round \(round): the writer ended with status \(status) before it was killed; \(directory)/writer.log says why"
                )
            }
            do {
                let log = try open(store)
                eventCount = try expectation.check(log)
                try log.closeBlocking()
            } catch {
                throw SelfTestFailure("round \(round): \(error)")
            }
        }
        try verify(store, "the store at the end")
        return
            "\(Figure.count(roundCount, "kill")), \(Figure.count(expectation.acknowledged.count, "acknowledged commit")), \(Figure.count(eventCount, "event"))"
    }
}
