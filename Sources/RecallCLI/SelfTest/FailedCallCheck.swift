// Calls that fail: each one of a kind in turn, from the making of a store on.

import Recall
import RecallLog

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Lets the first, the second, … call of some kinds fail, each in a store of its own, and looks at what is left.
struct FailedCallCheck: SelfTestCheck {
    let promise: String
    let calls: [FailingDisk.Call]
    /// The errno that they fail with.
    let number: Int32
    var configuration = SelfTest.configuration()

    static let inputOutputError = EIO
    static let noSpaceLeft = ENOSPC
    private static let commitCount = 60
    /// Enough for every call that a store of so many commits makes; more would be a fault of this check.
    private static let failureCountMax = 1000

    func run(in directory: String, _ random: inout SplitMix64) throws -> String {
        let story = SelfTestStory(seed: random.next())
        var failureCount = 0
        for call in calls {
            for occurrence in 1 ... Self.failureCountMax {
                let store = "\(directory)/\(call.rawValue)-\(occurrence)"
                do {
                    guard try fail(call, at: occurrence, in: store, story) else { break }
                } catch {
                    throw SelfTestFailure("\(call.rawValue) \(occurrence) failed: \(error)")
                }
                failureCount += 1
                try? TemporaryDirectory.removeTree(store)
            }
        }
        guard failureCount > 0 else { throw SelfTestFailure("no call could be made to fail") }
        return "\(Figure.count(failureCount, "call")) made to fail, one a store"
    }

    /// - Returns: whether there was such a call to fail.
    private func fail(
        _ call: FailingDisk.Call, at occurrence: Int, in store: String, _ story: SelfTestStory
    ) throws -> Bool {
        let disk = FailingDisk(POSIXDisk(), failing: call, at: occurrence, with: number)
        var expectation = SelfTestExpectation(story)
        if let log = try? open(store, on: disk) {
            try append(story, to: log, &expectation)
            try? log.closeBlocking()
        }
        guard disk.hasFailed else { return false }
        let log = try open(store)
        try expectation.check(log)
        try log.closeBlocking()
        try verify(store, "the store after it")
        return true
    }

    private func append(
        _ story: SelfTestStory, to log: Log, _ expectation: inout SelfTestExpectation
    ) throws {
        var number = 0
        while number < Self.commitCount {
            let place = SelfTestStory.Place(round: 0, writer: 0, number: number)
            guard (try? expectation.append(place, to: log)) != nil else { break }
            number += 1
        }
        guard number < Self.commitCount else { return }
        // The disk would work again. Whether what failed is on it nobody can say, so the log must not go on.
        let next = SelfTestStory.Place(round: 1, writer: 0, number: 0)
        if (try? log.appendBlocking(story.commit(at: next))) != nil {
            throw SelfTestFailure("the log accepted a commit after that")
        }
    }
}
