// A crash at every operation of a salvage: the destination is a whole store or none, the source is untouched, and the next
// salvage ends what the first began.

import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct SalvageCrashTests {
    @Test func crashAtEveryOperationLeavesAWholeStoreOrNone() throws {
        let store = try SalvageStore(.simulated, commitCount: 76)
        let original = try #require(store.disk as? SimulatedDisk)
        let damaged = store.commits(ofSegment: 1)[7]
        original.corrupt(store.segmentPath(1), at: damaged.offset + 25, bit: 6)
        let lost = Set(damaged.positions)
        let before = try store.files()
        let whole = original.crashKeepingEverything()
        let startCount = whole.mutationCount
        let expected = try Log.salvage(from: store.path, to: store.destination, disk: whole)
        #expect(expected.losses.count == 1)
        let count = whole.mutationCount - startCount
        #expect(count > 20)
        var storeCount = 0
        for mutation in 0 ... count {
            let disk = original.crashKeepingEverything()
            disk.stop(afterMutation: disk.mutationCount + mutation)
            _ = try? Log.salvage(from: store.path, to: store.destination, disk: disk)
            for crash in [
                SimulatedCrash.losingEverythingUnsynced, .keepingEverything,
                .arbitrary(seed: UInt64(mutation)),
            ] {
                let comment: Comment = "mutation \(mutation), crash \(crash)"
                let found = disk.crash(crash)
                let after = SalvageStore(store, on: found)
                #expect(try after.files() == before, comment)
                let isStore = try found.kind(of: store.destination + "/store") != nil
                if isStore {
                    storeCount += 1
                    try SalvageCheck.check(after, lost: lost, expected, comment)
                    continue
                }
                #expect(throws: StoreError.self, comment) {
                    try Log.openBlocking(at: store.destination, access: .readOnly, disk: found)
                }
                let again = try Log.salvage(from: store.path, to: store.destination, disk: found)
                #expect(again == expected, comment)
                try SalvageCheck.check(after, lost: lost, again, comment)
            }
        }
        #expect(storeCount > 0)
    }
}
