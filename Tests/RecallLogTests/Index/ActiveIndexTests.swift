// The index in memory: what it answers, whatever the ids are like, and what it takes of memory.

import RecallLog
import RecallTestKit
import Testing

@Suite struct ActiveIndexTests {
    static let kinds: [(String, @Sendable (Int, inout SeededGenerator) -> RawIdentifier)] = [
        ("random", { _, random in IndexModel.random(&random) }),
        ("counting in the low half", { number, _ in RawIdentifier(high: 0xA, low: UInt64(number)) }),
        ("counting in the high half", { number, _ in RawIdentifier(high: UInt64(number), low: 0xA) }),
        ("in the order of time", { number, _ in IndexModel.timed(number) }),
        ("counting in the first bits", { number, _ in RawIdentifier(high: UInt64(number) << 48, low: 0) }),
    ]

    @Test(arguments: kinds.indices)
    func indexAnswersAsTheModelDoes(kind: Int) {
        let model = IndexModel(
            segmentCount: 1, commitCount: 2000, aggregateCount: 300, aggregateID: Self.kinds[kind].1)
        let index = model.active(0)
        #expect(index.aggregateCount == model.aggregates.count)
        for id in model.aggregates {
            #expect(index.aggregate(id) == model.last(id, in: 0 ... 0))
            #expect(index.offsets(of: id) == model.references(to: id, in: 0 ... 0).map { Int($0.offset) })
        }
        for commit in model.commits {
            for id in commit.events {
                #expect(index.mayHold(id))
                #expect(index.offsets(ofFingerprint: id.fingerprint).contains(commit.offset))
            }
            let before = index.offset(before: commit.position)
            #expect(before.map { $0 <= commit.offset && commit.offset - $0 < 8192 } ?? false)
        }
        #expect(index.aggregate(RawIdentifier(high: 1, low: 1 << 40)) == nil)
    }

    /// The most that a segment of 64 MiB holds are 600,000 commits of one event, each of an aggregate of its
    /// own. Their index may take 35 MiB, so that of a part of them in proportion.
    @Test func indexOfAFullSegmentStaysBelowThirtyFiveMebibytes() {
        var random = SeededGenerator(seed: 3)
        var index = ActiveIndex(IndexCoverage(startOf: IndexModel.header(1, firstPosition: 1)))
        for number in 0 ..< 150_000 {
            let offset = 512 + 110 * number
            index.beginCommit(offset: offset, firstPosition: UInt64(number + 1))
            index.addStream(
                StreamEntry(
                    id: IndexModel.random(&random), root: 0, previousVersion: 0, eventCount: 1, lastIndex: 0),
                offset: offset, firstPosition: UInt64(number + 1))
            index.addEventID(IndexModel.random(&random), offset: offset)
            // Growing must not need much more for a moment than it does in the end.
            if number % 10_000 == 9999 { #expect(index.byteCount < 76 * (number + 1), "\(number)") }
        }
        #expect(index.aggregateCount == 150_000)
        #expect(index.byteCount < (35 << 20) / 4)
    }

    /// Frames that all state one and the same event id, which no store makes: each is found, and
    /// neither adding nor asking takes a time that grows with their square.
    @Test func idsThatAreAllTheSameAreEachFound() {
        var index = ActiveIndex(IndexCoverage(startOf: IndexModel.header(1, firstPosition: 1)))
        let id = RawIdentifier(high: 1, low: 2)
        for number in 0 ..< 50_000 { index.addEventID(id, offset: 512 + number) }
        index.addEventID(RawIdentifier(high: 3, low: 4), offset: 512)
        #expect(index.offsets(ofFingerprint: id.fingerprint).count == 50_000)
        #expect(index.mayHold(RawIdentifier(high: 3, low: 4)))
        #expect(index.eventIDCount == 50_001)
    }

    /// More references to one aggregate than are counted beside it.
    @Test func aggregateOfManyFramesIsWrittenWhole() throws {
        let header = IndexModel.header(1, firstPosition: 1)
        var index = ActiveIndex(IndexCoverage(startOf: header))
        let id = RawIdentifier(high: 1, low: 2)
        let count = Int(UInt16.max) + 10
        for number in 0 ..< count {
            index.addStream(
                StreamEntry(
                    id: id, root: 0, previousVersion: UInt64(number), eventCount: 1, lastIndex: 0),
                offset: 512 + number, firstPosition: UInt64(number + 1))
        }
        #expect(index.offsets(of: id) == Array(512 ..< 512 + count))
        let file = try IndexModel.file([.active(index)], of: [header]).file
        #expect(try file.aggregate(id)?.referenceCount == count)
        #expect(try file.reference(at: count - 1).offset == UInt32(512 + count - 1))
    }

    @Test func idRepeatedInAFrameCountsOnce() {
        var index = ActiveIndex(IndexCoverage(startOf: IndexModel.header(1, firstPosition: 1)))
        for _ in 0 ..< 3 { index.addEventID(RawIdentifier(high: 1, low: 2), offset: 512) }
        #expect(index.eventIDCount == 1)
    }

    /// Numbers that only damage can bring, too large for an entry, are kept all the same.
    @Test func numbersThatDoNotFitAreKept() {
        var index = ActiveIndex(IndexCoverage(startOf: IndexModel.header(1, firstPosition: 5)))
        let id = RawIdentifier(high: 1, low: 2)
        func add(version: UInt64, position: UInt64) {
            index.addStream(
                StreamEntry(id: id, root: 0, previousVersion: version - 1, eventCount: 1, lastIndex: 0),
                offset: 600, firstPosition: position)
        }
        let numbers: [(UInt64, UInt64)] = [(1 << 40, 5), (2, 1 << 50), (UInt64(UInt32.max), 6), (7, 9)]
        for (version, position) in numbers {
            add(version: version, position: position)
            #expect(
                index.aggregate(id) == AggregateEntry(id: id, version: version, graphPosition: position))
        }
    }
}
