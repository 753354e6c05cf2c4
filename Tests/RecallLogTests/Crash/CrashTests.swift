// A crash at every operation that may change the disk, and after it: everything acknowledged is there, whole and in
// order, and nothing else but commits that were under way, whole. And a crash of what mends the first one.
//
// A life is lived once on a disk that keeps what it was before each mutation; the crashes are made from these.

import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct CrashTests {
    /// What a crash can lead to where each commit is synced before the next. The other cases are damage, and what is rare:
    /// RecoveryCaseTests makes each.
    static let casesOfACrash: Set<RecoveryCase> = [
        .storeMissing, .creationInterrupted, .unfinishedFile, .logEmpty, .tailIndexMissing, .tailIndexUsed,
        .end,
        .tornFrame, .sealed,
    ]
    /// What it can lead to besides where several commits are written before a sync.
    static let casesOfUnsyncedCommits: Set<RecoveryCase> = [.tornGroup]

    private static func crashes(_ number: Int, seedCount: Int = 2) -> [SimulatedCrash] {
        [.losingEverythingUnsynced, .keepingEverything]
            + (0 ..< seedCount).map { .arbitrary(seed: UInt64(number * 10 + $0)) }
    }

    private static func check(
        _ disk: SimulatedDisk, _ life: CrashLife, _ history: CommitHistory, _ what: String
    ) {
        do { try life.checker.check(disk, holds: history) } catch {
            Issue.record("\(life.writing), \(what): \(error)\n\(disk.transcript())")
        }
    }

    /// A life, and the disk after each number of mutations.
    private static func record(_ life: inout CrashLife) -> [SimulatedDisk] {
        let disk = SimulatedDisk(options: life.options)
        disk.startRecording()
        life.live(on: disk)
        let found = disk.finishRecording()
        #expect(life.history.entries.count == 12 && life.history.entries.allSatisfy(\.isAcknowledged))
        #expect(found.count > 60)
        return found
    }

    @Test(arguments: CrashLife.Writing.allCases)
    func crashAtEveryOperationKeepsWhatWasAcknowledged(writing: CrashLife.Writing) throws {
        var life = CrashLife(writing)
        let found = Self.record(&life)
        let recorder = RecoveryCaseRecorder()
        recorder.observe(&life.configuration)
        for mutation in TestEffort.steps(found.indices) {
            let history = life.history(after: mutation)
            for crash in Self.crashes(mutation) {
                Self.check(
                    found[mutation].crash(crash), life, history, "mutation \(mutation), crash \(crash)")
            }
        }
        #expect(recorder.cases.isSubset(of: Self.casesOfACrash))
        // Behind the last frame there are no zeros where the disk gives stale bytes.
        var unreachable: Set<RecoveryCase> = writing.isStale ? [.end] : []
        // What is unfinished has no name in a single file, and a store gets all its names at once.
        if writing.isSingleFile { unreachable.insert(.unfinishedFile) }
        if TestEffort.isWhole { #expect(recorder.cases.union(unreachable) == Self.casesOfACrash) }
    }

    /// A session once made durable what it wrote itself, and trusted what it found: but a process that is killed leaves a
    /// segment's name, or frames, in the cache alone. The next session appended behind them and synced its own file, and a
    /// loss of power then took the name with everything acknowledged since; or the frames, while a snapshot of them stayed.
    @Test(arguments: [CrashLife.Writing.plain, .rewritten, .inOneFile, .rewrittenInOneFile])
    func powerLostAfterAKillKeepsWhatBothSessionsAcknowledged(writing: CrashLife.Writing) throws {
        var life = CrashLife(writing)
        let found = Self.record(&life)
        for mutation in TestEffort.steps(found.indices) {
            let disk = found[mutation].kill()
            var history = life.history(after: mutation)
            let next = Story.commit(7000 ... 7001, of: 1)
            do {
                let log = try life.open(disk)
                // Of what the killed process wrote, before anything is appended.
                for aggregate in 0 ..< CrashLife.aggregateCount { try life.saveSnapshot(of: aggregate, log) }
                for crash in Self.crashes(mutation, seedCount: 1) where crash != .keepingEverything {
                    Self.check(
                        disk.crash(crash), life, history, "killed at \(mutation), opened, crash \(crash)")
                }
                // Who was not answered tries again, and is answered by what was found.
                if let last = history.entries.last, !last.isAcknowledged {
                    _ = try log.appendBlocking(last.commit)
                    history.acknowledge()
                    let lost = disk.crashLosingEverythingUnsynced()
                    Self.check(lost, life, history, "killed at \(mutation), repeated")
                }
                history.attempt(next)
                _ = try log.appendBlocking(next)
                history.acknowledge()
                for crash in Self.crashes(mutation, seedCount: 1) where crash != .keepingEverything {
                    Self.check(disk.crash(crash), life, history, "killed at \(mutation), crash \(crash)")
                }
            } catch {
                Issue.record("\(writing), killed at \(mutation): \(error)\n\(disk.transcript())")
            }
        }
    }

    /// Recovery writes too: a crash in the middle of it, and again in the middle of the next.
    @Test(arguments: [CrashLife.Writing.plain, .rewritten, .short, .inOneFile])
    func crashDuringRecoveryAndAgainIsRecoveredFrom(writing: CrashLife.Writing) throws {
        var life = CrashLife(writing)
        let found = Self.record(&life)
        for mutation in TestEffort.steps(stride(from: 3, through: found.count - 1, by: 5)) {
            let first = found[mutation].crash(seed: UInt64(mutation))
            let history = life.history(after: mutation)
            for (later, second) in Self.recover(first, life, history, 50_000) {
                let crashed = second.disk.crash(seed: UInt64(mutation * 100 + later))
                let again = Self.recover(crashed, life, second.history, 60_000)
                for (last, third) in again where (last + later + mutation) % 4 == 0 {
                    Self.check(
                        third.disk.crash(seed: UInt64(mutation * 1000 + last)), life, third.history,
                        "mutation \(mutation), then \(later), then \(last)")
                }
            }
        }
    }

    /// Opens a store, appends and closes.
    /// - Returns: the disk and the history after each number of mutations.
    private static func recover(
        _ disk: SimulatedDisk, _ life: CrashLife, _ history: CommitHistory, _ number: Int
    ) -> [(Int, (disk: SimulatedDisk, history: CommitHistory))] {
        disk.startRecording()
        var history = history
        let before = history
        let commit = Story.commit(number ... number + 1, of: 2)
        history.attempt(commit)
        var acknowledgedAt = Int.max
        do {
            let log = try life.open(disk)
            _ = try log.appendBlocking(commit)
            acknowledgedAt = disk.mutationCount
            try log.closeBlocking()
        } catch {
            Issue.record("\(life.writing): recovery failed: \(error)\n\(disk.transcript())")
        }
        let unacknowledged = history
        history.acknowledge()
        return disk.finishRecording().enumerated().map { count, found in
            let known = count == 0 ? before : count < acknowledgedAt ? unacknowledged : history
            return (count, (found, known))
        }
    }

    /// Without a sync nothing is promised for a loss of power, but what is there afterwards is a beginning of what was
    /// appended, and the end of the process alone loses nothing.
    @Test(arguments: [Durability.system, .interval(.seconds(3600))])
    func unsyncedCommitsSurviveTheProcessAndAreABeginningAfterALossOfPower(durability: Durability) throws {
        var life = CrashLife(.compressed)
        life.configuration.durability = durability
        let found = Self.record(&life)
        let recorder = RecoveryCaseRecorder()
        recorder.observe(&life.configuration)
        for mutation in TestEffort.steps(stride(from: 0, through: found.count - 1, by: 2)) {
            let history = life.history(after: mutation)
            Self.check(found[mutation].kill(), life, history, "killed at \(mutation)")
            for seed in 0 ..< UInt64(4) {
                let disk = found[mutation].crash(seed: UInt64(mutation) * 10 + seed)
                do {
                    let kept = try life.checker.check(disk, holds: history.unacknowledged)
                    #expect(kept == Array(0 ..< kept.count), "mutation \(mutation), seed \(seed)")
                } catch {
                    Issue.record("mutation \(mutation), seed \(seed): \(error)\n\(disk.transcript())")
                }
            }
        }
        if TestEffort.isWhole { #expect(recorder.cases.isSuperset(of: Self.casesOfUnsyncedCommits)) }
    }
}
