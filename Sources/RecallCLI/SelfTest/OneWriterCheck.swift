// The lock: whether this file system keeps two writers apart, and gives the store back when one dies.

import Recall
import RecallLog

/// A second writer while one is there, and one after it was killed.
struct OneWriterCheck: SelfTestCheck {
    var promise: String { "One writer at a time has the store, and a killed one leaves it free" }

    func run(in directory: String, _ random: inout SplitMix64) throws -> String {
        let store = directory + "/store"
        let story = SelfTestStory(seed: random.next())
        var writer = try SelfTestWriter(
            store: store, story: story, round: 0, writerCount: 1, log: directory + "/writer.log")
        guard try writer.next() != nil else {
            throw SelfTestFailure("the first writer ended by itself; \(directory)/writer.log says why")
        }
        do throws(StoreError) {
            _ = try Log.openBlocking(
                at: store, access: .openExisting, configuration: SelfTest.configuration())
            throw StoreError(.unsupported, "")
        } catch {
            guard error.code == .locked else {
                throw SelfTestFailure(
                    error.code == .unsupported
                        ? "a second writer got the store while the first one had it"
                        : "a second writer was refused for another reason: \(error.message)")
            }
        }
        writer.kill()
        _ = try writer.wait()
        let log = try open(store)
        try log.closeBlocking()
        return "refused while the writer lived, opened after it was killed"
    }
}
