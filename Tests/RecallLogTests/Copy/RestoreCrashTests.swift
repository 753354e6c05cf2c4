// A loss of power at every change to the disk of a restore, and a failure of every call: what is found is a whole store or none, the
// backup is untouched, and the next restore ends what the first began.

import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct RestoreCrashTests {
    private static func check(
        _ store: CopyStore, _ position: Position, on found: SimulatedDisk, _ events: [RecordedEvent],
        _ comment: Comment
    ) throws -> Bool {
        let isStore = try found.kind(of: store.restoredPath + "/store") != nil
        if !isStore {
            let error = CopyStore.failure {
                try Log.openBlocking(at: store.restoredPath, access: .readOnly, disk: found)
            }
            #expect(error?.code == .notFound, comment)
            _ = try store.restore(upTo: .position(position), on: found)
        }
        try CopyStore.expectStore(at: store.restoredPath, found, events, comment)
        return isStore
    }

    @Test func crashAtEveryChangeLeavesAWholeStoreOrNone() throws {
        let store = try CopyStore(.simulated, commitCount: 100)
        try store.backup()
        let before = try CopyStore.files(store.backupPath, store.backupDisk)
        let position: Position = 120
        let whole = SimulatedDisk()
        let result = try store.restore(upTo: .position(position), on: whole)
        let events = Array(try store.events().prefix(Int(result.position.rawValue)))
        #expect(whole.mutationCount > 15)
        var storeCount = 0
        for mutation in 0 ... whole.mutationCount {
            let disk = SimulatedDisk()
            disk.stop(afterMutation: mutation)
            _ = CopyStore.failure { try store.restore(upTo: .position(position), on: disk) }
            for crash in [
                SimulatedCrash.losingEverythingUnsynced, .keepingEverything,
                .arbitrary(seed: UInt64(mutation)),
            ] {
                let comment: Comment = "mutation \(mutation), \(crash)"
                if try Self.check(store, position, on: disk.crash(crash), events, comment) { storeCount += 1 }
            }
        }
        #expect(storeCount > 0)
        #expect(try CopyStore.files(store.backupPath, store.backupDisk) == before)
    }

    @Test func failureOfAnyCallIsSurvived() throws {
        let store = try CopyStore(.simulated, commitCount: 100)
        try store.backup()
        let events = try store.events()
        let position = Position(UInt64(events.count))
        let whole = SimulatedDisk()
        _ = try store.restore(upTo: .position(position), on: whole)
        let calls = whole.trace
        #expect(calls.count == whole.operationCount)
        for number in calls.indices {
            let comment: Comment = "call \(number): \(calls[number])"
            let disk = SimulatedDisk()
            disk.plan(SimulatedFault(occurrence: number + 1, number: 5, effect: .fail))
            let error = CopyStore.failure { try store.restore(upTo: .position(position), on: disk) }
            let isStore = try Self.check(store, position, on: disk, events, comment)
            if error == nil { #expect(isStore, comment) }
        }
    }

    @Test func failureOfAnyCallOfTheBackupsDiskIsSurvived() throws {
        let store = try CopyStore(.simulated, commitCount: 100)
        try store.backup()
        let events = try store.events()
        let position = Position(UInt64(events.count))
        let backup = try #require(store.backupDisk as? SimulatedDisk)
        let whole = backup.crashKeepingEverything()
        _ = try store.restore(upTo: .position(position), on: SimulatedDisk(), from: whole)
        let calls = whole.trace
        for number in calls.indices {
            let comment: Comment = "call \(number): \(calls[number])"
            let failing = backup.crashKeepingEverything()
            failing.plan(SimulatedFault(occurrence: number + 1, number: 5))
            let disk = SimulatedDisk()
            let error = CopyStore.failure {
                try store.restore(upTo: .position(position), on: disk, from: failing)
            }
            let isHint = calls[number].path.contains("index") || calls[number].kind == .isLocked
            // The copies of the backup's header are read once more, each by itself.
            let isRepeated = calls[number].path.hasSuffix("/store") && calls[number].kind == .read
            #expect(error?.code == .unavailable || (error == nil && (isHint || isRepeated)), comment)
            _ = try Self.check(store, position, on: disk, events, comment)
        }
    }
}
