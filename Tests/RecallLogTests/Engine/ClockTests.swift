// A laptop wakes up with its clock a day ahead, stores one event, and the clock is set right. From then on all commits of a day
// had one and the same microsecond, because the log never let time run backwards: a restore to the present moment held one
// of four events, and nobody could see why. Times are what the clock said; order is the position's matter.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct ClockTests {
    private static let noon: Int64 = 1_764_000_000_000_000
    private static let day: Int64 = 86_400_000_000
    private static let second: Int64 = 1_000_000
    /// What the clock says at each commit: one session of a day ahead, and one of a year back.
    private static let times = [
        noon, noon + day, noon + 1 * second, noon + 2 * second, noon - 365 * day, noon + 3 * second,
    ]

    /// A store whose commits have these times, each in a session of its own, the second half in a segment of its own.
    private static func live(in bench: Bench, warnings: RecordedMessages = RecordedMessages()) throws {
        for (index, time) in times.enumerated() {
            let log = try bench.open {
                $0.clock = .fixed(at: Timestamp(microsecondsSince1970: time))
                $0.logger = warnings.logger
            }
            _ = try log.appendBlocking(
                Commit(events: [Story.event(index + 1, of: 1, noise: index == 3 ? 40_000 : 25_000)]))
            try log.closeBlocking()
        }
    }

    @Test(arguments: Bench.Kind.allCases)
    func timesAreWhatTheClockSaid(kind: Bench.Kind) throws {
        let bench = try Bench(kind)
        defer { bench.remove() }
        let warnings = RecordedMessages()
        try Self.live(in: bench, warnings: warnings)
        let log = try bench.open(.readOnly)
        #expect(try log.allEvents().map(\.time.microsecondsSince1970) == Self.times)
        #expect(try log.inspect().segments.count > 1)
        #expect(warnings.all.filter { $0.contains("the clock went back") }.count == 2)
        // Filters filter: they do not stop at the first event of another day.
        let until = EventQuery(until: Timestamp(microsecondsSince1970: Self.noon + 2 * Self.second))
        #expect(try log.readBlocking(until).events.compactMap(Story.number) == [1, 3, 4, 5])
        let since = EventQuery(
            .graph(Story.aggregate(1)), direction: .backwards,
            since: Timestamp(microsecondsSince1970: Self.noon + 1 * Self.second))
        #expect(try log.readBlocking(since).events.compactMap(Story.number) == [6, 4, 3, 2])
    }

    @Test(arguments: Bench.Kind.allCases)
    func verifyingAndInspectingSayThatTheClockWentBack(kind: Bench.Kind) throws {
        let bench = try Bench(kind)
        defer { bench.remove() }
        try Self.live(in: bench)
        let report = try Log.verify(at: bench.path, disk: bench.disk)
        #expect(report.isWhole)
        let log = try bench.open(.readOnly)
        for steps in [report.clockSteps, try log.inspect().clockSteps] {
            #expect(steps.count == 2)
            #expect(steps.firstPosition == 3)
            #expect(steps.largestMicroseconds == 365 * Self.day + 2 * Self.second)
            #expect(steps.note?.contains("before position 3") == true)
        }
    }

    /// The same as everywhere: clocks go back by less than a second now and then, which is not worth a warning.
    @Test func clockThatIsKeptRightIsNoNews() throws {
        let bench = try Bench(.simulated)
        let warnings = RecordedMessages()
        for (number, time) in [Self.noon, Self.noon - 900_000].enumerated() {
            let log = try bench.open {
                $0.clock = .fixed(at: Timestamp(microsecondsSince1970: time))
                $0.logger = warnings.logger
            }
            _ = try log.appendBlocking(Commit(events: [Story.event(number + 1, of: 1)]))
            try log.closeBlocking()
        }
        #expect(!warnings.all.contains { $0.contains("clock") })
        #expect(try Log.verify(at: bench.path, disk: bench.disk).clockSteps.count == 1)
    }

    /// A restore to a time ends with the last commit that was not stored later, and tells of those in front of it that were.
    @Test(arguments: Bench.Kind.allCases)
    func restoreToATimeEndsWithTheLastCommitThatIsNotLater(kind: Bench.Kind) throws {
        let bench = try Bench(kind)
        defer { bench.remove() }
        try Self.live(in: bench)
        for (time, position, laterEventCount) in [
            (Self.noon + 3 * Self.second, 6, 1), (Self.noon + Self.second, 5, 2), (Self.noon, 5, 3),
            (Self.noon - 1, 5, 4), (Self.noon - 365 * Self.day - 1, 0, 0), (Self.noon + 2 * Self.day, 6, 0),
        ] as [(Int64, UInt64, Int)] {
            let destination = bench.path + "-\(time)" + (kind.isFile ? ".recall" : "")
            defer { if !kind.isSimulated { try? FileManager.default.removeItem(atPath: destination) } }
            let result = try Log.restore(
                from: bench.path, on: bench.disk, to: destination,
                upTo: .time(Timestamp(microsecondsSince1970: time)))
            #expect(result.position.rawValue == position, "\(time)")
            #expect(result.laterEventCount == laterEventCount, "\(time)")
            let restored = try Log.openBlocking(at: destination, access: .readOnly, disk: bench.disk)
            #expect(try restored.numbers() == Array([1, 2, 3, 4, 5, 6].prefix(Int(position))), "\(time)")
        }
    }

    /// Ids that are made in the order of time are looked for less. A clock that goes back makes ids that are less than those of
    /// older segments, or between them: a repetition must still be known, and a new one must be taken for new.
    @Test(arguments: Bench.Kind.allCases)
    func repetitionsAreKnownWhateverTheClockDid(kind: Bench.Kind) throws {
        let bench = try Bench(kind)
        defer { bench.remove() }
        var random = SeededGenerator(seed: 5)
        let clockTimes: [Int64] = [0, 1, -1, 400, -400, 2, 0, -20_000, 5].map { Self.noon + $0 * Self.day }
        var commits: [Commit] = []
        for (session, time) in clockTimes.enumerated() {
            let moment = Timestamp(microsecondsSince1970: time)
            let log = try bench.open {
                $0.clock = .fixed(at: moment)
                $0.checkpointFrameCountMin = 0
            }
            for number in 0 ..< 6 {
                var event = Story.event(session * 10 + number, of: number % 3, noise: 9_000)
                event.id = EventID(timeOrderedAt: moment, using: &random)
                let commit = Commit(events: [event])
                #expect(try !log.appendBlocking(commit).wasStoredBefore)
                commits.append(commit)
            }
            for (index, commit) in commits.enumerated() {
                let receipt = try log.appendBlocking(commit)
                #expect(receipt.wasStoredBefore && receipt.firstPosition.rawValue == UInt64(index + 1))
            }
            try log.closeBlocking()
        }
        let report = try Log.verify(at: bench.path, disk: bench.disk)
        #expect(report.isWhole && report.eventCount == commits.count && report.segmentCount > 3)
    }
}
