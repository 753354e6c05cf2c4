// What a session finds and nothing proves to be durable: the crash lab found that acknowledged commits could rest
// on it and be lost with it. Before, tests knew two ends of a process only, a loss of power and one that keeps everything;
// a process that dies alone leaves a third state, in which the system still has what the disk has not.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct SecuringTests {
    private func configuration() -> LogConfiguration {
        var configuration = LogConfiguration()
        configuration.segmentBytesMax = 64 << 10
        configuration.firstSegmentBytes = 64 << 10
        configuration.readerThreadCount = 1
        configuration.clock = .fixed(at: Timestamp(microsecondsSince1970: 1_764_000_000_000_000))
        return configuration
    }

    private func open(_ disk: SimulatedDisk) throws(StoreError) -> Log {
        try Log.openBlocking(at: "/store", configuration: configuration(), disk: disk)
    }

    /// A sync failed, and the system took what it could not write for written. The process was started again, found the
    /// commit in the system's cache, and answered its repetition with a receipt, as the error had advised to
    /// try. With the power the commit was gone: no later sync had written it.
    @Test(arguments: [SimulatedFault.Effect.fail, .failForgettingDirtyData])
    func repetitionOfACommitWhoseSyncFailedIsDurable(effect: SimulatedFault.Effect) throws {
        let disk = SimulatedDisk()
        do {
            let log = try open(disk)
            _ = try log.appendBlocking(Story.commit(1 ... 1, of: 0))
            disk.plan(SimulatedFault(.sync, number: 5, effect: effect))
            #expect(throws: StoreError.self) { try log.appendBlocking(Story.commit(2 ... 4, of: 0)) }
        }
        let again = disk.kill()
        let log = try open(again)
        let receipt = try log.appendBlocking(Story.commit(2 ... 4, of: 0))
        #expect(receipt.wasStoredBefore)
        let found = try open(again.crashLosingEverythingUnsynced())
        #expect(try found.numbers() == [1, 2, 3, 4])
        // And what comes behind it does not stand in the air.
        _ = try log.appendBlocking(Story.commit(5 ... 5, of: 0))
        let later = try open(again.crashLosingEverythingUnsynced())
        #expect(try later.numbers() == [1, 2, 3, 4, 5])
    }

    /// With `commit`, readers see only what is on the disk; after a process had died they saw what it left behind.
    @Test func whatReadersSeeAfterAProcessDiedLasts() throws {
        let disk = SimulatedDisk()
        let log = try open(disk)
        _ = try log.appendBlocking(Story.commit(1 ... 1, of: 0))
        disk.plan(SimulatedFault(.sync, number: 5))
        #expect(throws: StoreError.self) { try log.appendBlocking(Story.commit(2 ... 2, of: 0)) }
        let again = disk.kill()
        let seen = try open(again).numbers()
        #expect(seen == [1, 2])
        let found = try open(again.crashLosingEverythingUnsynced())
        #expect(try found.numbers() == seen)
    }

    /// A process died between any two changes to the disk, the next one went on, and then the power failed: names that
    /// the first had not come to sync, of a segment or of the store itself, were lost with all that was
    /// acknowledged behind them.
    @Test func processThatDiesAnywhereCostsTheNextOneNothing() throws {
        let whole = SimulatedDisk()
        _ = appendUntilItFails(whole)
        for mutation in 0 ... whole.mutationCount {
            let disk = SimulatedDisk()
            disk.stop(afterMutation: mutation)
            let acknowledged = appendUntilItFails(disk)
            let again = disk.kill()
            let log = try open(again)
            let commit = Story.commit(900 ... 901, of: 7)
            _ = try log.appendBlocking(commit)
            for crash in [SimulatedCrash.losingEverythingUnsynced, .arbitrary(seed: UInt64(mutation))] {
                let numbers = try open(again.crash(crash)).numbers()
                let comment: Comment = "the process died after mutation \(mutation), then \(crash)"
                #expect(numbers.starts(with: acknowledged), comment)
                #expect(numbers.suffix(2) == [900, 901], comment)
                let report = try Log.verify(at: "/store", disk: again.crash(crash))
                #expect(report.findings.isEmpty, comment)
            }
        }
    }

    /// - Returns: the numbers that were acknowledged.
    private func appendUntilItFails(_ disk: SimulatedDisk) -> [Int] {
        guard let log = try? open(disk) else { return [] }
        for number in 1 ... 8 {
            // Two fill a segment.
            let commit = Commit(events: [Story.event(number, of: 0, noise: 25_000)])
            guard (try? log.appendBlocking(commit)) != nil else { return Array(1 ..< number) }
        }
        return Array(1 ... 8)
    }

    /// A snapshot was kept of events that the system alone had, since the session that had written them was over: with
    /// the power they went, and others got their positions.
    @Test func snapshotMakesDurableWhatAnEarlierProcessLeft() throws {
        var configuration = configuration()
        configuration.durability = .system
        let disk = SimulatedDisk()
        let log = try Log.openBlocking(at: "/store", configuration: configuration, disk: disk)
        _ = try log.appendBlocking(Story.commit(1 ... 3, of: 0))
        let again = disk.kill()
        let next = try Log.openBlocking(at: "/store", configuration: configuration, disk: again)
        try next.snapshotFiles.save(
            Snapshot(
                aggregateID: Story.aggregate(0), aggregateType: "Tale", version: 3, position: 3,
                schemaFingerprint: 0, time: configuration.clock.now(), payload: .init()))
        let found = try open(again.crashLosingEverythingUnsynced())
        #expect(try found.numbers() == [1, 2, 3])
    }

    /// Seed 15096 of the lab. With `interval` or `system`, a process was killed, the next one appended nothing, and
    /// neither the interval's end nor a clean close synced what it had found: nothing of its own was unsynced.
    @Test(arguments: [Durability.interval(.seconds(1)), .system], [true, false])
    func sessionTakesOverWhatAKilledProcessOwedTheDisk(durability: Durability, isClosing: Bool) throws {
        var configuration = configuration()
        configuration.durability = durability
        configuration.hasOwnThreads = false
        // A close indexes what it found, and an index is believed to be of frames that are durable.
        configuration.checkpointFrameCountMin = 1
        let disk = SimulatedDisk()
        let log = try Log.openBlocking(at: "/store", configuration: configuration, disk: disk)
        _ = try log.appendBlocking(Story.commit(1 ... 3, of: 0))
        let again = disk.kill()
        let next = try Log.openBlocking(at: "/store", configuration: configuration, disk: again)
        if isClosing { try next.closeBlocking() } else { next.syncOwed() }
        let found = again.crashLosingEverythingUnsynced()
        #expect(try open(found).numbers() == [1, 2, 3])
        #expect(try Log.verify(at: "/store", disk: found).findings.isEmpty)
    }

    /// A group began in one segment and could not go on in the next. All its callers were told `latched`, which
    /// means that nothing of theirs was written, though the first of them were stored for good.
    @Test func groupThatASegmentCannotBeBegunForIsNotToldThatNothingWasWritten() throws {
        let disk = SimulatedDisk()
        let log = try open(disk)
        _ = try log.appendBlocking(Story.commit(1 ... 1, of: 0))
        disk.setCapacity(bytes: disk.usedBytes)
        let commits = (2 ... 4).map { Commit(events: [Story.event($0, of: 0, noise: 25_000)]) }
        for answer in try log.appendTogetherBlocking(commits) {
            guard case .failure(let error) = answer else {
                Issue.record("a commit was acknowledged")
                continue
            }
            #expect(error.code == .unavailable)
            #expect(error.message.contains("Whether this commit is stored is not known"))
        }
        let later = #expect(throws: StoreError.self) { try log.appendBlocking(Story.commit(9 ... 9, of: 0)) }
        #expect(later?.code == .latched)
        #expect(try open(disk.crashLosingEverythingUnsynced()).numbers() == [1, 2, 3])
    }

    /// The index knows of a frame before the frame is written, and readers of its aggregate took the place where it
    /// was to be for damage: while a group was on its way, and for good where it never got there.
    @Test func framesThatAreNotWrittenAreNoDamageToReaders() throws {
        let disk = SimulatedDisk()
        let log = try open(disk)
        _ = try log.appendBlocking(Story.commit(1 ... 3, of: 0))
        _ = try log.appendBlocking(Story.commit(4 ... 4, of: 1))
        disk.plan(SimulatedFault(.write, number: 5, effect: .failAfter(byteCount: 0)))
        #expect(throws: StoreError.self) { try log.appendBlocking(Story.commit(5 ... 6, of: 0)) }
        for direction in [EventQuery.Direction.forwards, .backwards] {
            let query = EventQuery(.aggregate(Story.aggregate(0)), direction: direction)
            let numbers = try log.readBlocking(query).events.compactMap(Story.number)
            #expect(numbers == (direction == .forwards ? [1, 2, 3] : [3, 2, 1]))
        }
        #expect(try log.statusBlocking(of: Story.aggregate(0))?.version == 3)
        #expect(try log.statusBlocking(of: Story.aggregate(0))?.graphPosition == 3)
    }
}
