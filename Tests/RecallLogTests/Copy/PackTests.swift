// From a directory to a single file and back: the same events, no room that nobody needs, and nothing half done that
// passes for a store.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct PackTests {
    private func packedPath(_ store: CopyStore) -> String { store.bench.path + "-packed.recall" }

    private func size(of path: String, _ disk: any Disk) throws -> Int {
        try disk.open(path, .readOnly).size()
    }

    @Test(arguments: Bench.Kind.allCases)
    func storeGoesIntoAFileAndBackEventForEvent(kind: Bench.Kind) throws {
        let store = try CopyStore(kind)
        defer { store.remove() }
        let packed = packedPath(store)
        defer { if !kind.isSimulated { try? FileManager.default.removeItem(atPath: packed) } }
        let events = try store.events()
        let result = try Log.pack(store.bench.path, on: store.disk, into: packed)
        #expect(result.position.rawValue == UInt64(events.count))
        try CopyStore.expectStore(at: packed, store.disk, events)
        _ = try Log.unpack(packed, on: store.disk, into: store.restoredPath)
        try CopyStore.expectStore(at: store.restoredPath, store.disk, events)
        // Both go on, and with them the file grows as any other.
        for path in [packed, store.restoredPath] {
            let log = try Log.openBlocking(
                at: path, access: .openExisting, configuration: store.bench.configuration, disk: store.disk)
            let receipt = try log.appendBlocking(CopyStore.commit(900))
            #expect(receipt.firstPosition.rawValue == UInt64(events.count) + 1)
            #expect(try log.appendBlocking(CopyStore.commit(7)).wasStoredBefore)
            try log.closeBlocking()
            #expect(try Log.verify(at: path, disk: store.disk).findings.isEmpty)
            #expect(try CopyStore.events(at: path, store.disk).dropLast(3) == events[...])
        }
    }

    /// Segments are made for 64 MiB here, and hold some KiB.
    @Test(arguments: [Bench.Kind.simulated, .simulatedFile])
    func packedFileHasNoRoomThatNobodyNeeds(kind: Bench.Kind) throws {
        let bench = try Bench(kind, segmentBytesMax: 64 << 20)
        let log = try bench.open { $0.firstSegmentBytes = 1 << 20 }
        for number in 1 ... 100 {
            _ = try log.appendBlocking(Commit(events: [Story.event(number, of: 0, noise: 1_000)]))
        }
        try log.closeBlocking()
        _ = try Log.pack(bench.path, on: bench.disk, into: "/packed.recall")
        let size = try size(of: "/packed.recall", bench.disk)
        // Frames of some 110 KiB, superblocks, the header, and tables.
        #expect(size < 256 << 10, "\(size) bytes")
    }

    @Test func emptyStoreIsPacked() throws {
        let store = try CopyStore(.simulated, commitCount: 0)
        try store.open().closeBlocking()
        _ = try Log.pack(store.bench.path, on: store.disk, into: "/packed.recall")
        try CopyStore.expectStore(at: "/packed.recall", store.disk, [])
        #expect(try size(of: "/packed.recall", store.disk) <= 128 << 10)
    }

    @Test func storeInUseIsPackedAsFarAsItIsDurable() throws {
        let store = try CopyStore(.simulated, commitCount: 20)
        let log = try store.open()
        _ = try log.appendBlocking(CopyStore.commit(21))
        let events = try log.allEvents()
        _ = try Log.pack(store.bench.path, on: store.disk, into: "/packed.recall")
        try CopyStore.expectStore(at: "/packed.recall", store.disk, events)
    }

    @Test func crashAtEveryChangeLeavesAWholeStoreOrNone() throws {
        let store = try CopyStore(.simulated, commitCount: 100)
        let events = try store.events()
        let original = try #require(store.disk as? SimulatedDisk).crashKeepingEverything()
        let whole = original.crashKeepingEverything()
        _ = try Log.pack(store.bench.path, on: whole, into: "/packed.recall")
        #expect(whole.mutationCount > 15)
        var (storeCount, otherCount) = (0, 0)
        for mutation in TestEffort.steps(0 ... whole.mutationCount) {
            let disk = original.crashKeepingEverything()
            disk.stop(afterMutation: mutation)
            _ = CopyStore.failure { try Log.pack(store.bench.path, on: disk, into: "/packed.recall") }
            for crash in [
                SimulatedCrash.losingEverythingUnsynced, .keepingEverything,
                .arbitrary(seed: UInt64(mutation)),
            ] {
                let found = disk.crash(crash)
                let comment: Comment = "mutation \(mutation), \(crash)"
                let error = CopyStore.failure {
                    try Log.openBlocking(at: "/packed.recall", access: .readOnly, disk: found)
                }
                if error == nil {
                    storeCount += 1
                } else {
                    otherCount += 1
                    #expect(error?.code == .notFound, comment)
                    _ = try Log.pack(store.bench.path, on: found, into: "/packed.recall")
                }
                try CopyStore.expectStore(at: "/packed.recall", found, events, comment)
                try CopyStore.expectStore(at: store.bench.path, found, events, comment)
            }
        }
        if TestEffort.isWhole { #expect(storeCount > 0 && otherCount > 0) }
    }
}
