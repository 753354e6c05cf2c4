// Random lives of a store on a disk that crashes, loses what it may lose, and fails now and then: a few seeds of the
// crash lab, of which `scripts/crash-lab` runs many thousands. And what the lab leaves out because no seed repeats it
// exactly: many threads that append at the same time.

import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite(.serialized) struct RandomWorkloadTests {
    @Test(arguments: TestEffort.seeds(1 ... 24))
    func everyPromiseHoldsInRandomLives(seed: UInt64) throws {
        _ = try CrashLab.run(seed: seed)
    }

    /// A failure is of use only where it can be looked at again.
    @Test(arguments: [1, 5, 31, 88] as [UInt64])
    func seedRepeatsEveryStepAndEveryCallToTheDisk(seed: UInt64) throws {
        let first = try CrashLab.run(seed: seed, isTracing: true)
        let second = try CrashLab.run(seed: seed, isTracing: true)
        #expect(first.trace.count > 100)
        #expect(first.trace == second.trace)
        #expect(first.statistics == second.statistics)
    }

    /// A lab in which nothing happens finds nothing.
    @Test func livesAreFullOfWhatTheyAreToTest() throws {
        var sum = CrashLabStatistics()
        for seed in 1001 ... 1024 as ClosedRange<UInt64> { sum += try CrashLab.run(seed: seed).statistics }
        for (name, count) in sum.lines { #expect(count > 0, "\(name)") }
    }

    // MARK: Many writers

    private static var configuration: LogConfiguration {
        var configuration = LogConfiguration()
        // Small, so that a run rolls over several segments.
        configuration.segmentBytesMax = 256 << 10
        configuration.readerThreadCount = 1
        configuration.checkpointFrameCountMin = 8
        configuration.clock = .fixed(at: Timestamp(microsecondsSince1970: 1_764_000_000_000_000))
        // Each sealed segment is rewritten beside what a run does, whether it gains or not.
        configuration.isRewriting = true
        configuration.rewriteGainMin = -100
        return configuration
    }

    /// What concurrent writers were told before the disk stopped.
    private struct Answers: Sendable {
        var attempted: [[EventID]] = []
        var acknowledged: [(ids: [EventID], receipt: CommitReceipt)] = []
    }

    /// Groups of commits under way when the power goes: each of them whole or not there.
    @Test(arguments: TestEffort.seeds(201 ... 220))
    func groupsOfCommitsSurviveCrashesWhole(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let disk = SimulatedDisk()
        let log = try await BlockingCall.run {
            try Log.openBlocking(at: "/store", configuration: Self.configuration, disk: disk)
        }
        disk.stop(afterMutation: disk.mutationCount + Int.random(in: 1 ..< 150, using: &generator))
        let answers = await withTaskGroup(of: Answers.self) { group in
            for writer in 0 ..< 8 as Range<UInt64> {
                group.addTask { await Self.write(as: writer, seed: seed, to: log) }
            }
            return await group.reduce(into: Answers()) { all, some in
                all.attempted += some.attempted
                all.acknowledged += some.acknowledged
            }
        }
        let found = disk.crash(seed: seed)
        let reopened = try await BlockingCall.run {
            try Log.openBlocking(at: "/store", configuration: Self.configuration, disk: found)
        }
        let events = try await reopened.events.readToEnd(EventQuery())
        let positions = events.map(\.position.rawValue)
        #expect(positions == (0 ..< UInt64(events.count)).map { $0 + 1 }, "Seed \(seed)")
        for (ids, receipt) in answers.acknowledged {
            let stored = events.filter {
                (receipt.firstPosition ... receipt.lastPosition).contains($0.position)
            }
            #expect(stored.map(\.id) == ids, "Seed \(seed): acknowledged at \(receipt.firstPosition)")
        }
        // Each commit stands in one piece, and there is nothing that nobody appended.
        let commits = Dictionary(uniqueKeysWithValues: answers.attempted.map { ($0[0], $0) })
        var index = 0
        while index < events.count {
            guard let commit = commits[events[index].id] else {
                Issue.record("Seed \(seed): position \(index + 1) begins no commit that was appended")
                return
            }
            let stored = events.dropFirst(index).prefix(commit.count).map(\.id)
            #expect(stored == commit, "Seed \(seed): the commit at position \(index + 1)")
            index += commit.count
        }
        for stream in Set(events.map(\.aggregateID)) {
            let versions = events.filter { $0.aggregateID == stream }.map(\.version.rawValue)
            #expect(versions == (0 ..< UInt64(versions.count)).map { $0 + 1 }, "Seed \(seed)")
        }
        try await reopened.close()
    }

    private static func write(as writer: UInt64, seed: UInt64, to log: Log) async -> Answers {
        var generator = SeededGenerator(seed: seed &* 31 &+ writer)
        var answers = Answers()
        for _ in 0 ..< 60 {
            let events = (0 ..< Int.random(in: 1 ... 6, using: &generator)).map { index in
                NewEvent(
                    id: EventID(using: &generator),
                    aggregateID: AggregateID(number: index == 0 ? 1_000 : writer + 1),
                    aggregateType: "Thing", type: "Happened",
                    payload: .init(
                        repeating: UInt8(index), count: Int.random(in: 0 ..< 3_000, using: &generator)))
            }
            answers.attempted.append(events.map(\.id))
            do {
                answers.acknowledged.append((events.map(\.id), try await log.append(Commit(events: events))))
            } catch {
                return answers
            }
        }
        return answers
    }
}
