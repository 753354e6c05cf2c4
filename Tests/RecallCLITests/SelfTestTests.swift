// The self-test: that it passes where promises hold, and that it finds each one that is broken.

import Foundation
import Recall
import RecallLog
import Testing

@testable import RecallCLI

@Suite struct SelfTestTests {
    private let scratch: Scratch
    private static let story = SelfTestStory(seed: 0xBEEF)

    init() throws { scratch = try Scratch() }

    @Test func everyPromiseHoldsHere() throws {
        let outcome = try RecallProgram.run(
            ["selftest", "--dir", scratch.path, "--rounds", "3", "--seed", "1"], in: scratch)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.lines.count == SelfTest.checks(roundCount: 1).count)
        #expect(outcome.lines.allSatisfy { $0.hasPrefix("held    ") }, "\(outcome.output)")
        #expect(outcome.errors.hasPrefix("Every promise held on \(scratch.path) ("))
        let left = try FileManager.default.contentsOfDirectory(atPath: scratch.path)
        #expect(!left.contains { $0.hasPrefix("recall-selftest") }, "\(left)")
    }

    @Test func aDirectoryThatIsMissingIsReported() throws {
        expectFailure(
            try RecallProgram.run(["selftest", "--dir", scratch.path + "/no"], in: scratch), 4,
            "is not a directory")
    }

    private struct BrokenCheck: SelfTestCheck {
        var promise: String { "Two is three" }
        func run(in directory: String, _ random: inout SplitMix64) throws -> String {
            throw SelfTestFailure("it is two")
        }
    }

    private struct HoldingCheck: SelfTestCheck {
        var promise: String { "Two is two" }
        func run(in directory: String, _ random: inout SplitMix64) throws -> String { "counted" }
    }

    @Test func oneBrokenPromiseDoesNotKeepTheNextFromBeingTried() throws {
        var reported: [SelfTest.Verdict] = []
        let verdicts = try SelfTest(
            directory: scratch.path, seed: 1, checks: [BrokenCheck(), HoldingCheck()]
        ).run { reported.append($0) }
        #expect(
            verdicts == [
                SelfTest.Verdict(promise: "Two is three", detail: "", failure: "it is two"),
                SelfTest.Verdict(promise: "Two is two", detail: "counted", failure: nil),
            ])
        #expect(reported == verdicts)
    }

    // MARK: What the checker finds

    /// Something that a store does, of which the self-test must find out what is wrong.
    struct Misdeed: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// What the failure says.
        var found: String
        /// Appends to the store and says what was acknowledged.
        var run: @Sendable (Log, inout SelfTestExpectation) throws -> Void
    }

    private static func place(_ number: Int, round: Int = 0) -> SelfTestStory.Place {
        SelfTestStory.Place(round: round, writer: 0, number: number)
    }

    private static func append(_ number: Int, to log: Log) throws -> UInt64 {
        try log.appendBlocking(story.commit(at: place(number))).firstPosition.rawValue
    }

    /// A commit of the story that has several events.
    private static var longNumber: Int {
        (0 ..< 100).first { story.commit(at: place($0)).events.count > 2 } ?? 0
    }

    static let misdeeds: [Misdeed] = [
        Misdeed(testDescription: "an acknowledged commit is lost", found: "were acknowledged") {
            log, expectation in
            expectation.acknowledge(place(0), at: try append(0, to: log))
            expectation.acknowledge(place(1), at: 100)
        },
        Misdeed(testDescription: "a commit moves to another position", found: "acknowledged at position") {
            log, expectation in
            expectation.acknowledge(place(0), at: try append(0, to: log) + 1)
        },
        Misdeed(testDescription: "a stranger's event appears", found: "of a stranger") { log, _ in
            _ = try log.appendBlocking(
                Commit([NewEvent(aggregateID: AggregateID(), type: "T", payload: Data())], to: AggregateID()))
        },
        Misdeed(testDescription: "a payload changes", found: "nobody appended") { log, _ in
            var commit = story.commit(at: place(0))
            commit.events[0].payload.append(0x20)
            _ = try log.appendBlocking(commit)
        },
        Misdeed(testDescription: "a commit is there in part", found: "in part") { log, _ in
            for number in 0 ..< longNumber { _ = try append(number, to: log) }
            var commit = story.commit(at: place(longNumber))
            commit.events.removeLast()
            _ = try log.appendBlocking(commit)
        },
        Misdeed(testDescription: "a commit in the middle is missing", found: "whose commit 1 is next") {
            log, _ in
            _ = try append(0, to: log)
            _ = try append(2, to: log)
        },
        Misdeed(
            testDescription: "more is there than can have been under way", found: "where 0 were acknowledged"
        ) {
            log, _ in
            _ = try append(0, to: log)
            _ = try append(1, to: log)
        },
    ]

    @Test(arguments: misdeeds)
    func aBrokenPromiseIsFound(_ misdeed: Misdeed) throws {
        var expectation = SelfTestExpectation(Self.story)
        let log = try Log.openBlocking(at: scratch.store)
        try misdeed.run(log, &expectation)
        let failure = #expect(throws: SelfTestFailure.self) { try expectation.check(log) }
        #expect(failure?.description.contains(misdeed.found) == true, "\(String(describing: failure))")
        try log.closeBlocking()
    }

    @Test func whatWasSeenAndIsGoneIsFound() throws {
        var expectation = SelfTestExpectation(Self.story)
        let log = try Log.openBlocking(at: scratch.store)
        _ = try Self.append(0, to: log)
        try expectation.check(log)
        let other = try Log.openBlocking(at: scratch.path + "/other")
        #expect(throws: SelfTestFailure.self) { try expectation.check(other) }
        try log.closeBlocking()
        try other.closeBlocking()
    }

    @Test(arguments: [FailingDisk.Call.create, .write, .sync, .syncDirectory, .preallocate, .rename])
    func eachCallOfAFailingDiskFailsOnce(_ call: FailingDisk.Call) throws {
        let disk = FailingDisk(POSIXDisk(), failing: call, at: 1, with: 5)
        #expect(!disk.hasFailed)
        do {
            let log = try Log.openBlocking(at: scratch.store, disk: disk)
            _ = try? Self.append(0, to: log)
            try? log.closeBlocking()
        } catch {}
        #expect(disk.hasFailed)
        let log = try Log.openBlocking(at: scratch.store, disk: disk)
        #expect(throws: Never.self) { _ = try Self.append(0, to: log) }
        try log.closeBlocking()
    }
}
