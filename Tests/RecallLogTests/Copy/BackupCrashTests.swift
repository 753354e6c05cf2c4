// A loss of power at every change to the disk of a backup, and a failure of every call to either disk: what an earlier backup held
// is always there, verifying finds nothing, and the next backup completes it.

import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct BackupCrashTests {
    private static func crashes(_ mutation: Int) -> [SimulatedCrash] {
        [
            .losingEverythingUnsynced, .keepingEverything, .arbitrary(seed: UInt64(mutation)),
            .arbitrary(seed: UInt64(mutation + 1000)),
        ]
    }

    /// The store, the disk with an earlier backup or none, and what that holds.
    private static func start(
        isIncremental: Bool
    ) throws -> (store: CopyStore, disk: SimulatedDisk, earlier: [RecordedEvent], events: [RecordedEvent]) {
        let store = try CopyStore(.simulated, commitCount: 75)
        let disk = try #require(store.backupDisk as? SimulatedDisk)
        var earlier: [RecordedEvent] = []
        if isIncremental {
            try store.backup()
            earlier = try store.events()
            try store.append(76 ... 150)
        }
        return (store, disk, earlier, try store.events())
    }

    /// Looks at a backup that was interrupted, and goes on with it.
    private static func check(
        _ store: CopyStore, on found: SimulatedDisk, atLeast earlier: [RecordedEvent],
        _ events: [RecordedEvent], _ comment: Comment
    ) throws {
        if try found.kind(of: store.backupPath + "/store") == nil {
            #expect(earlier.isEmpty, comment)
        } else {
            let part = try CopyStore.events(at: store.backupPath, found)
            #expect(part.count >= earlier.count, comment)
            try store.expectBackup(on: found, Array(events.prefix(part.count)), comment)
        }
        let result = try store.backup(on: found)
        #expect(result.position.rawValue == UInt64(events.count), comment)
        try store.expectBackup(on: found, events, comment)
        let names = try found.list(store.backupPath + "/segments")
        #expect(names.allSatisfy { !$0.hasSuffix(".new") }, comment)
    }

    @Test(arguments: [false, true])
    func crashAtEveryChangeLeavesTheEarlierBackup(isIncremental: Bool) throws {
        let (store, original, earlier, events) = try Self.start(isIncremental: isIncremental)
        let whole = original.crashKeepingEverything()
        try store.backup(on: whole)
        let count = whole.mutationCount
        #expect(count > 12)
        for mutation in 0 ... count {
            let disk = original.crashKeepingEverything()
            disk.stop(afterMutation: mutation)
            _ = CopyStore.failure { try store.backup(on: disk) }
            for crash in Self.crashes(mutation) {
                let found = disk.crash(crash)
                try Self.check(
                    store, on: found, atLeast: earlier, events, "mutation \(mutation), \(crash)")
            }
        }
    }

    @Test(arguments: [false, true])
    func failureOfAnyCallOfTheBackupsDiskIsSurvived(isIncremental: Bool) throws {
        let (store, original, earlier, events) = try Self.start(isIncremental: isIncremental)
        let whole = original.crashKeepingEverything()
        try store.backup(on: whole)
        let calls = whole.trace
        #expect(calls.count == whole.operationCount)
        var failureCount = 0
        for number in TestEffort.steps(calls.indices) {
            let effects: [SimulatedFault.Effect] =
                calls[number].kind == .sync
                ? [.fail, .failForgettingDirtyData, .failRevertingDirtyData] : [.fail]
            for effect in effects {
                let disk = original.crashKeepingEverything()
                disk.plan(SimulatedFault(occurrence: number + 1, number: 5, effect: effect))
                let comment: Comment = "call \(number): \(calls[number]), \(effect)"
                let error = CopyStore.failure { try store.backup(on: disk) }
                #expect(error?.code != .damaged, comment)
                if error != nil { failureCount += 1 }
                try Self.check(
                    store, on: disk.crashLosingEverythingUnsynced(), atLeast: earlier, events, comment)
                try Self.check(store, on: disk, atLeast: earlier, events, comment)
            }
        }
        if TestEffort.isWhole { #expect(failureCount > 20) }
    }

    @Test func failureOfAnyCallOfTheStoresDiskIsSurvived() throws {
        let (store, original, earlier, events) = try Self.start(isIncremental: true)
        let source = try #require(store.disk as? SimulatedDisk)
        let before = try CopyStore.files(store.bench.path, source)
        let whole = source.crashKeepingEverything()
        try store.backup(on: original.crashKeepingEverything(), from: whole)
        let calls = whole.trace
        for number in calls.indices {
            let comment: Comment = "call \(number): \(calls[number])"
            let failing = source.crashKeepingEverything()
            failing.plan(SimulatedFault(occurrence: number + 1, number: 5))
            let disk = original.crashKeepingEverything()
            let error = CopyStore.failure { try store.backup(on: disk, from: failing) }
            // Nothing depends on an index; and whether a writer has come meanwhile only sets the pace.
            let isHint = calls[number].path.contains("index") || calls[number].kind == .isLocked
            // The copies of the store's header are read once more, each by itself.
            let isRepeated = calls[number].path == "/store/store" && calls[number].kind == .read
            #expect(error?.code == .unavailable || (error == nil && (isHint || isRepeated)), comment)
            try Self.check(store, on: disk, atLeast: earlier, events, comment)
        }
        #expect(try CopyStore.files(store.bench.path, source) == before)
    }

    @Test func fullDiskEndsABackupAndTheNextOneGoesOn() throws {
        let (store, disk, earlier, events) = try Self.start(isIncremental: true)
        disk.setCapacity(bytes: disk.usedBytes + (60 << 10))
        #expect(CopyStore.failure { try store.backup() }?.code == .unavailable)
        disk.setCapacity(bytes: nil)
        try Self.check(store, on: disk, atLeast: earlier, events, "after a full disk")
    }
}
