// What the tests of rewriting share: a store whose sealed segments were written without compression, and what a log
// must say of it, whatever was rewritten in the meantime.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Testing

/// A closed store of several sealed segments that rewriting makes much smaller.
struct RewriteStore {
    let bench: Bench
    /// Everything in it, as it was read before.
    let events: [RecordedEvent]
    let commits: [Commit]

    static let aggregateCount = 9

    /// - Parameters:
    ///   - commitCount: about 160 commits fill a segment.
    ///   - sessionCount: how many sessions append them, so that there are opening and close frames among them.
    init(_ kind: Bench.Kind, commitCount: Int = 500, sessionCount: Int = 5) throws {
        bench = try Bench(kind)
        commits = (1 ... commitCount).map(Self.commit)
        var rest = commits[...]
        for session in 0 ..< sessionCount {
            let log = try bench.open { $0.isCompressing = false }
            let count = session == sessionCount - 1 ? rest.count : commitCount / sessionCount
            for commit in rest.prefix(count) { _ = try log.appendBlocking(commit) }
            rest = rest.dropFirst(count)
            // So that the indexes are merged.
            log.finishHousekeeping()
            try log.closeBlocking()
        }
        let log = try bench.open(.readOnly)
        events = try log.allEvents()
    }

    var disk: any Disk { bench.disk }

    var segmentsPath: String { bench.path + "/segments" }

    func segmentNames() throws -> [String] { try bench.files.list(segmentsPath) }

    func header(_ number: Int, on disk: any Disk) throws -> SegmentHeader {
        let name = String(repeating: "0", count: 10 - String(number).count) + String(number) + ".segment"
        let file = try InsideDisk.files(ofStoreAt: bench.path, on: disk).open(
            segmentsPath + "/" + name, .readOnly)
        return try DiskBytes.read(file, count: Format.headerSize).withBytes {
            try SegmentHeader(decoding: $0)
        }
    }

    /// Which segments are rewritten.
    func rewritten(on disk: any Disk) throws -> [Bool] {
        try (1 ... segmentNames().count).map { try header($0, on: disk).isRewritten }
    }

    /// Verifying finds nothing.
    func verify(on disk: (any Disk)? = nil, _ comment: Comment = "") throws {
        let report = try Log.verify(at: bench.path, disk: disk ?? self.disk)
        let findings = report.findings.map { "\($0.segment ?? 0): \($0.reason)" }
        #expect(findings == [], comment)
    }

    /// A commit of one event or, now and then, of several events of several aggregates.
    static func commit(_ number: Int) -> Commit {
        let count = number % 7 == 0 ? 3 : 1
        let events = (0 ..< count).map { index -> NewEvent in
            var event = NewEvent(
                id: Story.eventID(number * 10 + index),
                aggregateID: Story.aggregate((number + index) % aggregateCount), aggregateType: "Order",
                type: index == 0 ? "OrderPlaced" : "OrderPaid",
                payload: Data(
                    #"{"number":\#(number),"customer":"Philip J. Fry","city":"New New York","cents":\#(number * 7919 % 99991),"warehouse":"planet-express-\#(number % 5)","status":"accepted","reference":"\#(String(number &* 2_654_435_761 % 0xFFFF_FFFF, radix: 16))"}"#
                        .utf8))
            if number % 5 == 0 { event.tags = ["gift"] }
            if number % 97 == 0 { event.payload += Data(repeating: 0x61, count: 9000) }
            return event
        }
        return Commit(events: events)
    }

    /// Opens the store for appending with rewriting on.
    func open(
        on disk: (any Disk)? = nil, _ change: (inout LogConfiguration) -> Void = { _ in }
    ) throws(StoreError) -> Log {
        var configuration = bench.configuration
        configuration.isRewriting = true
        change(&configuration)
        return try Log.openBlocking(at: bench.path, configuration: configuration, disk: disk ?? bench.disk)
    }

    /// Holds a log against what was stored, and appends nothing new.
    func check(_ log: Log, _ comment: Comment) throws {
        #expect(try log.allEvents() == events, comment)
        let backwards = try log.readBlocking(EventQuery(direction: .backwards, pageEventCountMax: 10_000))
        #expect(backwards.events == events.reversed(), comment)
        for number in 0 ..< Self.aggregateCount {
            let id = Story.aggregate(number)
            let expected = events.filter { $0.aggregateID == id }
            let page = try log.readBlocking(EventQuery(.aggregate(id), pageEventCountMax: 10_000))
            #expect(page.events == expected, comment)
            let last = try log.readBlocking(EventQuery(.aggregate(id), direction: .backwards, limit: 3))
            #expect(last.events == Array(expected.suffix(3).reversed()), comment)
        }
        for index in stride(from: 0, to: events.count, by: 41) {
            let position = events[index].position
            let page = try log.readBlocking(EventQuery(positions: position ... position))
            #expect(page.events == [events[index]], comment)
        }
    }

    /// Repetitions, conflicts and a new commit are answered as before. The log is closed.
    func checkAppending(_ log: Log, _ comment: Comment) throws {
        for index in stride(from: 0, to: commits.count, by: 29) {
            let receipt = try log.appendBlocking(commits[index])
            #expect(receipt.wasStoredBefore, comment)
            let stored = events.filter { $0.id == commits[index].events[0].id }
            #expect(stored.map(\.position) == [receipt.firstPosition], comment)
        }
        let id = Story.aggregate(2)
        let version = events.last { $0.aggregateID == id }?.version ?? 0
        let next = { (number: Int, version: Version) in
            Commit([Story.event(900_000 + number, of: 2)], to: id, expecting: .exact(version))
        }
        #expect(throws: StoreError.self, comment) {
            try log.appendBlocking(next(1, Version(version.rawValue - 1)))
        }
        let receipt = try log.appendBlocking(next(2, version))
        #expect(receipt.firstPosition.rawValue == UInt64(events.count + 1), comment)
        try log.closeBlocking()
    }
}
