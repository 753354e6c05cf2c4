// A crash at every operation that may change the disk, and after it: everything acknowledged is there,
// whole and in order, and nothing else but commits that were under way, whole.

import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct CrashTests {
    /// A small life of a store: commits of one and several events and aggregates, a repetition, a
    /// conflict, a close and a second session. Returns what was acknowledged and what was attempted.
    private static func live(
        on disk: SimulatedDisk, _ configuration: LogConfiguration
    ) -> (acknowledged: [[Int]], attempted: [[Int]]) {
        var acknowledged: [[Int]] = []
        var attempted: [[Int]] = []
        var next = 1
        for session in 0 ..< 2 {
            guard let log = try? Log.openBlocking(at: "/store", configuration: configuration, disk: disk)
            else { return (acknowledged, attempted) }
            for step in 0 ..< 12 {
                let count = step % 4 == 3 ? 5 : 1
                let numbers = Array(next ..< next + count)
                next += count
                // Large enough that the life spans several segments.
                let commit = Commit(
                    events: numbers.map { Story.event($0, of: $0 % 3, noise: step == 5 ? 30_000 : 900) })
                attempted.append(numbers)
                if (try? log.appendBlocking(commit)) == nil {
                    return (acknowledged, attempted)
                }
                acknowledged.append(numbers)
                _ = try? log.appendBlocking(commit)
                _ = try? log.appendBlocking(
                    Commit([Story.event(9000 + next, of: 0)], to: Story.aggregate(0), expecting: .exact(999)))
            }
            if session == 0 { try? log.closeBlocking() }
        }
        return (acknowledged, attempted)
    }

    /// The ways in which bytes get to the disk.
    enum Writing: String, CaseIterable, Sendable {
        /// By writes, as they are.
        case plain
        /// By writes over zeros that were written ahead, compressed, later segments with a dictionary.
        case compressed
        /// As that, and each sealed segment is rewritten, whether it gains or not.
        case rewritten
    }

    private static func configuration(_ writing: Writing) -> LogConfiguration {
        var configuration = LogConfiguration()
        configuration.segmentBytesMax = 64 << 10
        configuration.isCompressing = writing != .plain
        configuration.isRewriting = writing == .rewritten
        configuration.rewriteGainMin = -100
        configuration.writeAheadBytes = writing != .plain ? 4096 : 0
        configuration.readerThreadCount = 1
        configuration.checkpointFrameCountMin = 4
        configuration.randomBits = { 0x5EED }
        return configuration
    }

    /// What must hold of a store that a crash left: opened, read, appended to and verified.
    private static func check(
        _ disk: SimulatedDisk, _ acknowledged: [[Int]], _ attempted: [[Int]],
        _ configuration: LogConfiguration, _ comment: Comment
    ) throws {
        let log = try Log.openBlocking(at: "/store", configuration: configuration, disk: disk)
        let events = try log.allEvents()
        let numbers = events.compactMap(Story.number)
        let sure = acknowledged.flatMap { $0 }
        let possible = attempted.flatMap { $0 }
        #expect(numbers == sure || numbers == possible, comment)
        #expect(events.map(\.position.rawValue) == events.indices.map { UInt64($0) + 1 }, comment)
        for aggregate in 0 ..< 3 {
            let stream = events.filter { $0.aggregateID == Story.aggregate(aggregate) }
            #expect(stream.map(\.version.rawValue) == stream.indices.map { UInt64($0) + 1 }, comment)
            let read = try log.readBlocking(EventQuery(.aggregate(Story.aggregate(aggregate))))
            #expect(read.events == stream, comment)
        }
        let receipt = try log.appendBlocking(Story.commit(77777 ... 77777, of: 1))
        #expect(receipt.lastPosition.rawValue == UInt64(events.count + 1), comment)
        try log.closeBlocking()
        let report = try Log.verify(at: "/store", disk: disk)
        #expect(report.findings.isEmpty, comment)
        #expect(report.eventCount == events.count + 1, comment)
    }

    @Test(arguments: Writing.allCases)
    func crashAtEveryOperationKeepsWhatWasAcknowledged(writing: Writing) throws {
        let configuration = Self.configuration(writing)
        let whole = SimulatedDisk()
        _ = Self.live(on: whole, configuration)
        let count = whole.mutationCount
        #expect(count > 60)
        for mutation in TestEffort.steps(0 ... count) {
            let disk = SimulatedDisk()
            disk.stop(afterMutation: mutation)
            let (acknowledged, attempted) = Self.live(on: disk, configuration)
            for crash in [SimulatedCrash.losingEverythingUnsynced, .keepingEverything]
                + (0 ..< 4).map({ .arbitrary(seed: UInt64(mutation * 10 + $0)) })
            {
                try Self.check(
                    disk.crash(crash), acknowledged, attempted, configuration,
                    "mutation \(mutation), crash \(crash)")
            }
        }
    }

    /// Without a sync nothing is promised for a loss of power, but what is there afterwards is a beginning of what was
    /// appended, and the end of the process alone loses nothing.
    @Test(arguments: [Durability.system, .interval(.seconds(3600))])
    func unsyncedCommitsSurviveTheProcessAndAreABeginningAfterALossOfPower(durability: Durability) throws {
        var configuration = Self.configuration(.compressed)
        configuration.durability = durability
        let whole = SimulatedDisk()
        _ = Self.live(on: whole, configuration)
        for mutation in TestEffort.steps(stride(from: 0, through: whole.mutationCount, by: 3)) {
            let disk = SimulatedDisk()
            disk.stop(afterMutation: mutation)
            let (acknowledged, attempted) = Self.live(on: disk, configuration)
            try Self.check(
                disk.crashKeepingEverything(), acknowledged, attempted, configuration, "mutation \(mutation)")
            for seed in 0 ..< UInt64(4) {
                let found = disk.crash(seed: UInt64(mutation) * 10 + seed)
                let log = try Log.openBlocking(at: "/store", configuration: configuration, disk: found)
                let numbers = try log.numbers()
                let all = attempted.flatMap { $0 }
                #expect(numbers == Array(all.prefix(numbers.count)), "mutation \(mutation), seed \(seed)")
                let receipt = try log.appendBlocking(Story.commit(77777 ... 77777, of: 1))
                #expect(receipt.lastPosition.rawValue == UInt64(numbers.count + 1))
                try log.closeBlocking()
                let report = try Log.verify(at: "/store", disk: found)
                #expect(report.findings.isEmpty, "mutation \(mutation), seed \(seed)")
            }
        }
    }

    /// Recovery writes too: a crash in the middle of it, and then another opening.
    @Test(arguments: Writing.allCases)
    func crashDuringRecoveryIsRecoveredFrom(writing: Writing) throws {
        let configuration = Self.configuration(writing)
        let whole = SimulatedDisk()
        _ = Self.live(on: whole, configuration)
        for mutation in TestEffort.steps(stride(from: 5, through: whole.mutationCount, by: 3)) {
            let disk = SimulatedDisk()
            disk.stop(afterMutation: mutation)
            let (acknowledged, attempted) = Self.live(on: disk, configuration)
            let found = disk.crash(seed: UInt64(mutation))
            for later in 1 ... 6 {
                let second = found.crashKeepingEverything()
                second.stop(afterMutation: later)
                var wasStored = false
                if let log = try? Log.openBlocking(
                    at: "/store", configuration: configuration, disk: second)
                {
                    wasStored = (try? log.appendBlocking(Story.commit(50000 ... 50000, of: 2))) != nil
                }
                let third = second.crash(seed: UInt64(mutation * 100 + later))
                let log = try Log.openBlocking(at: "/store", configuration: configuration, disk: third)
                let numbers = try log.numbers()
                let isExtra = numbers.last == 50000
                #expect(isExtra || !wasStored, "mutation \(mutation), then \(later)")
                let rest = isExtra ? Array(numbers.dropLast()) : numbers
                let sure = acknowledged.flatMap { $0 }
                #expect(
                    rest == sure || rest == attempted.flatMap { $0 }, "mutation \(mutation), then \(later)")
            }
        }
    }

    /// Were an opening frame not synced before the first commit of its session, a crash could keep the
    /// commit and lose the opening; the next session would use the same epoch again, and after a second
    /// crash the commit, seen to be absent in between, would come back behind its opening frame.
    @Test func commitThatWasSeenToBeLostNeverComesBack() throws {
        var configuration = Self.configuration(.plain)
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
                    // Behind what makes durable what the first session left.
                    crashing.stop(afterMutation: mutation + 4)
                    let lost = try Log.openBlocking(
                        at: "/store", configuration: configuration, disk: crashing)
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
