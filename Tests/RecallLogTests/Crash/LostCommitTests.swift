// What a crash took stays away. An opening frame that is not synced before what follows it would let it come back.

import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct LostCommitTests {
    /// Were an opening frame not synced before the first commit of its session, a crash could keep the
    /// commit and lose the opening; the next session would use the same epoch again, and after a second
    /// crash the commit, seen to be absent in between, would come back behind its opening frame.
    @Test func commitThatWasSeenToBeLostNeverComesBack() throws {
        var configuration = CrashLife(.plain).configuration
        configuration.clock = .fixed(at: Timestamp(microsecondsSince1970: 0))
        // The opening frame of the second session must end with its sector, to be lost alone.
        for padding in 0 ..< 512 {
            let first = SimulatedDisk()
            let log = try Log.openBlocking(at: "/store", configuration: configuration, disk: first)
            _ = try log.appendBlocking(Story.commit(1 ... 1, of: 0, padding: padding))
            let before = first.crashKeepingEverything()
            let probe = before.crashKeepingEverything()
            let second = try Log.openBlocking(at: "/store", configuration: configuration, disk: probe)
            _ = try second.appendBlocking(Story.commit(2 ... 2, of: 0, padding: 600))
            let bytes = try #require(probe.contents(of: "/store/segments/0000000001.segment"))
            let header = try bytes.withUnsafeBytes { try SegmentHeader(decoding: $0.bytes) }
            var chain = FrameChain(IndexCoverage(startOf: header), in: SegmentContext(header: header))
            var openingEnd = 0
            bytes.withUnsafeBytes { buffer in
                while let link = try? chain.next(buffer.bytes) {
                    if link.frame.kind == .opening { openingEnd = link.frame.endOffset }
                }
            }
            guard openingEnd % 512 == 0 else { continue }
            for seed in TestEffort.seeds(0 ... 255) {
                // The power fails while the second session writes: at each mutation of its append.
                for mutation in 1 ... 3 {
                    let crashing = before.crashKeepingEverything()
                    let lost = try Log.openBlocking(
                        at: "/store", configuration: configuration, disk: crashing)
                    crashing.stop(afterMutation: crashing.mutationCount + mutation)
                    if (try? lost.appendBlocking(Story.commit(2 ... 2, of: 0, padding: 600))) != nil {
                        continue
                    }
                    let found = crashing.crash(seed: seed)
                    let third = try Log.openBlocking(at: "/store", configuration: configuration, disk: found)
                    guard try third.numbers() == [1] else { continue }
                    found.stop(afterMutation: found.mutationCount + mutation)
                    if (try? third.appendBlocking(Story.commit(3 ... 3, of: 0, padding: 600))) != nil {
                        continue
                    }
                    let last = try Log.openBlocking(
                        at: "/store", configuration: configuration, disk: found.crash(seed: seed &* 31 &+ 7))
                    let numbers = try last.numbers()
                    #expect(
                        numbers == [1] || numbers == [1, 3], "seed \(seed), mutation \(mutation): \(numbers)")
                }
            }
            return
        }
        Issue.record("no padding puts the end of the opening frame at the end of a sector")
    }
}
