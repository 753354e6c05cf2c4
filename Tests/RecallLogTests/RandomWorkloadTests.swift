// Random commits on a disk that crashes at random calls, loses what it may lose, and fails now and then.
// After each crash the log must hold what the model holds, and at most the commit that was under way.

import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite(.serialized) struct RandomWorkloadTests {
    private static let time = Timestamp(microsecondsSince1970: 1_764_000_000_000_000)

    private static var configuration: LogConfiguration {
        var configuration = LogConfiguration()
        // Small, so that a run rolls over several segments.
        configuration.segmentBytesMax = 256 << 10
        configuration.readerThreadCount = 1
        configuration.checkpointFrameCountMin = 8
        configuration.clock = .fixed(at: time)
        // Each sealed segment is rewritten beside what a run does, whether it gains or not.
        configuration.isRewriting = true
        configuration.rewriteGainMin = -100
        return configuration
    }

    /// One life of a store after the other, each ended by a crash, a failure of the disk or a close.
    private struct Life {
        var disk = SimulatedDisk()
        var model = ReferenceModel()
        var workload: RandomWorkload
        /// The commit whose append was not answered, where there is one.
        var unanswered: Commit?
        var trace = ""

        /// Opens the log and holds it against the model.
        mutating func open() async throws -> Log {
            let disk = self.disk
            let log = try await BlockingCall.run {
                try Log.openBlocking(
                    at: "/store", configuration: RandomWorkloadTests.configuration, disk: disk)
            }
            if let commit = unanswered, try await log.events.lastPosition() > model.lastPosition {
                _ = model.append(commit, time: time)
            }
            unanswered = nil
            try await model.compare(with: log.events)
            return log
        }

        /// Appends until the disk fails or enough was done.
        /// - Returns: whether the disk failed.
        mutating func append(_ commitCount: Int, to log: Log) async throws -> Bool {
            for _ in 0 ..< commitCount {
                let commit = workload.nextCommit(after: model)
                let found: ReferenceModel.Outcome
                do throws(StoreError) {
                    found = .stored(try await log.append(commit))
                } catch {
                    switch error.code {
                    case .conflict, .eventIDReused, .duplicateEventID, .invalidArgument, .limitExceeded:
                        found = .refused(error.code)
                    default:
                        // Only a commit that would have been written can be there afterwards.
                        if model.outcomeWithoutWriting(of: commit) == nil { unanswered = commit }
                        return true
                    }
                }
                let expected = model.append(commit, time: time)
                if found != expected {
                    throw ConformanceFailure("Expected the answer \(expected), found \(found).")
                }
            }
            return false
        }
    }

    /// - Parameter mayFail: whether syncs and writes fail now and then, with the system going on.
    private func live(seed: UInt64, lifeCount: Int, mayFail: Bool) async throws {
        var life = Life(workload: RandomWorkload(seed: seed, payloadBytesMax: 8_000))
        for number in 0 ..< lifeCount {
            do {
                try await liveOnce(&life, mayFail: mayFail, crashSeed: seed &* 1_000 &+ UInt64(number))
            } catch {
                Issue.record(
                    "Seed \(seed), life \(number), \(life.model.events.count) events, \(life.trace): \(error)"
                )
                return
            }
        }
    }

    private func liveOnce(_ life: inout Life, mayFail: Bool, crashSeed: UInt64) async throws {
        life.trace = ""
        let log = try await life.open()
        switch life.workload.number(in: 0 ..< 10) {
        case 0:
            _ = try await life.append(20, to: log)
            try await log.close()
            life.trace = "closed"
            return
        case 1 ..< 5 where mayFail:
            let kinds: [SimulatedOperation.Kind] = [
                .sync, .sync, .write, .preallocate, .syncDirectory, .rename,
            ]
            let effects: [SimulatedFault.Effect] = [
                .fail, .failForgettingDirtyData, .failRevertingDirtyData, .failAfter(byteCount: 700),
            ]
            let fault = SimulatedFault(
                kinds[life.workload.number(in: 0 ..< kinds.count)],
                occurrence: life.workload.number(in: 1 ..< 30), number: 5,
                effect: effects[life.workload.number(in: 0 ..< effects.count)])
            life.disk.plan(fault)
            life.trace = "\(fault)"
        default:
            life.disk.stop(
                afterMutation: life.disk.mutationCount + life.workload.number(in: 1 ..< 120))
        }
        let didFail = try await life.append(60, to: log)
        life.disk.forgetFaults()
        if !didFail { life.trace += ", stopped without failing" }
        // Sometimes the process alone dies, and what the disk failed at stays in the system's cache.
        life.disk =
            life.workload.number(in: 0 ..< 4) == 0
            ? life.disk.crashKeepingEverything() : life.disk.crash(seed: crashSeed)
        // A crash within the opening after a crash.
        if life.workload.number(in: 0 ..< 3) == 0 {
            let disk = life.disk
            disk.stop(afterMutation: disk.mutationCount + life.workload.number(in: 0 ..< 12))
            try? await BlockingCall.run {
                _ = try Log.openBlocking(
                    at: "/store", configuration: RandomWorkloadTests.configuration, disk: disk)
            }
            life.disk = disk.crash(seed: crashSeed &+ 1)
            life.trace += ", crashed again while opening"
        }
    }

    @Test(arguments: TestEffort.seeds(1 ... 12))
    func everythingAcknowledgedSurvivesCrashes(seed: UInt64) async throws {
        try await live(seed: seed, lifeCount: 8, mayFail: false)
    }

    @Test(arguments: TestEffort.seeds(101 ... 112))
    func everythingAcknowledgedSurvivesFailuresOfTheDisk(seed: UInt64) async throws {
        try await live(seed: seed, lifeCount: 8, mayFail: true)
    }

    // MARK: Many writers

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
