// Crashes and failures at every operation of a rewrite. It is the only place where acknowledged data is replaced, so
// whatever the disk does, nothing that was stored may be missing, changed or there twice.

import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct RewriteCrashTests {
    private static func configure(_ configuration: inout LogConfiguration) {
        configuration.randomBits = { 0x5EED }
        configuration.checkpointFrameCountMin = 1
    }

    /// How many mutations the opening and the rewriting make.
    private func mutationCount(_ store: RewriteStore, _ disk: SimulatedDisk) throws -> Int {
        let whole = disk.crashKeepingEverything()
        let log = try store.open(on: whole, Self.configure)
        log.finishHousekeeping()
        #expect(try store.rewritten(on: whole).dropLast().allSatisfy { $0 })
        return whole.mutationCount
    }

    @Test func crashAtEveryOperationKeepsEverything() throws {
        let store = try RewriteStore(.simulated, commitCount: 430, sessionCount: 2)
        let disk = try #require(store.disk as? SimulatedDisk)
        #expect(try store.segmentNames().count >= 3)
        let count = try mutationCount(store, disk)
        #expect(count > 20)
        var keptOldCount = 0
        // The first is tried with any effort: what a small share tries may all be later than the last file that is replaced.
        for mutation in Set(TestEffort.steps(0 ... count)).union([0]).sorted() {
            let crashing = disk.crashKeepingEverything()
            crashing.stop(afterMutation: mutation)
            if let log = try? store.open(on: crashing, Self.configure) { log.finishHousekeeping() }
            for crash in [SimulatedCrash.losingEverythingUnsynced, .keepingEverything]
                + (0 ..< 4).map({ .arbitrary(seed: UInt64(mutation * 10 + $0)) })
            {
                let comment: Comment = "mutation \(mutation), crash \(crash)"
                let found = crashing.crash(crash)
                // Before any writer mends it, and with whichever file each segment has.
                #expect(try Log.verify(at: "/store", disk: found).findings.isEmpty, comment)
                if try !store.rewritten(on: found)[0] { keptOldCount += 1 }
                let reader = try Log.openBlocking(
                    at: "/store", access: .readOnly, configuration: store.bench.configuration, disk: found)
                try store.check(reader, comment)
                let log = try store.open(on: found, Self.configure)
                try store.check(log, comment)
                log.finishHousekeeping()
                try store.check(log, comment)
                try store.checkAppending(log, comment)
                #expect(try store.rewritten(on: found)[0], comment)
                #expect(try !found.list("/store/segments").contains { $0.hasSuffix(".new") }, comment)
                #expect(try Log.verify(at: "/store", disk: found).findings.isEmpty, comment)
            }
        }
        #expect(keptOldCount > (TestEffort.isWhole ? 10 : 0))
    }

    /// A crash while the store that a crash left is rewritten.
    @Test func crashAfterACrashKeepsEverything() throws {
        let store = try RewriteStore(.simulated, commitCount: 430, sessionCount: 2)
        let disk = try #require(store.disk as? SimulatedDisk)
        let count = try mutationCount(store, disk)
        for mutation in TestEffort.steps(stride(from: 4, through: count, by: 3)) {
            let first = disk.crashKeepingEverything()
            first.stop(afterMutation: mutation)
            if let log = try? store.open(on: first, Self.configure) { log.finishHousekeeping() }
            let second = first.crash(seed: UInt64(mutation))
            for later in stride(from: 1, through: 40, by: 4) {
                let third = second.crashKeepingEverything()
                third.stop(afterMutation: later)
                if let log = try? store.open(on: third, Self.configure) { log.finishHousekeeping() }
                let found = third.crash(seed: UInt64(mutation * 100 + later))
                let comment: Comment = "mutation \(mutation), then \(later)"
                let log = try store.open(on: found, Self.configure)
                try store.check(log, comment)
                try store.checkAppending(log, comment)
                #expect(try Log.verify(at: "/store", disk: found).findings.isEmpty, comment)
            }
        }
    }

    @Test(arguments: [5, 28] as [Int32])
    func failureOfAnyOperationKeepsTheOldSegmentAndTheLogUsable(number: Int32) throws {
        let store = try RewriteStore(.simulated, commitCount: 430, sessionCount: 2)
        let disk = try #require(store.disk as? SimulatedDisk)
        let kinds: [(SimulatedOperation.Kind, [SimulatedFault.Effect])] = [
            (.create, [.fail]), (.open, [.fail]), (.write, [.fail, .failAfter(byteCount: 700)]),
            (.truncate, [.fail]),
            (.sync, [.fail, .failForgettingDirtyData, .failRevertingDirtyData]), (.rename, [.fail]),
            (.syncDirectory, [.fail, .failForgettingDirtyData]), (.delete, [.fail]), (.map, [.fail]),
            (.size, [.fail]), (.kind, [.fail]),
        ]
        for (kind, effects) in kinds {
            for effect in effects {
                for occurrence in 1 ... 6 {
                    let failing = disk.crashKeepingEverything()
                    let comment: Comment = "\(kind) \(occurrence), \(effect), errno \(number)"
                    // Only of what rewriting does to segments; the opening itself may fail by other calls.
                    failing.plan(
                        SimulatedFault(
                            kind, occurrence: occurrence,
                            pathPart: kind == .syncDirectory ? "segments" : ".segment.new",
                            number: number, effect: effect))
                    let log = try store.open(on: failing, Self.configure)
                    log.finishHousekeeping()
                    failing.forgetFaults()
                    try store.check(log, comment)
                    try store.checkAppending(log, comment)
                    #expect(try Log.verify(at: "/store", disk: failing).findings.isEmpty, comment)
                    let found = failing.crash(seed: UInt64(occurrence))
                    let again = try store.open(on: found, Self.configure)
                    #expect(try again.allEvents().count == store.events.count + 1, comment)
                    try again.closeBlocking()
                    #expect(try Log.verify(at: "/store", disk: found).findings.isEmpty, comment)
                }
            }
        }
    }

    @Test func fullDiskKeepsTheOldSegmentsAndTheLogUsable() throws {
        let store = try RewriteStore(.simulated, commitCount: 430, sessionCount: 2)
        let disk = try #require(store.disk as? SimulatedDisk)
        for room in stride(from: 0, through: 80_000, by: 8_000) {
            let full = disk.crashKeepingEverything()
            full.setCapacity(bytes: full.usedBytes + room)
            let log = try store.open(on: full, Self.configure)
            log.finishHousekeeping()
            try store.check(log, "\(room) bytes are free")
            full.setCapacity(bytes: nil)
            try store.checkAppending(log, "\(room) bytes are free")
            #expect(try Log.verify(at: "/store", disk: full).findings.isEmpty, "\(room) bytes are free")
        }
    }
}
