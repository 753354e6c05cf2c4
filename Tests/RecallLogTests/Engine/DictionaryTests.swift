// Dictionaries in a whole store: made of what came before, there twice, and gone only when both copies are.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct DictionaryTests {
    private static let second = "/store/segments/0000000002.segment"

    private static func event(_ number: Int) -> NewEvent {
        NewEvent(
            id: Story.eventID(number), aggregateID: Story.aggregate(number % 20), aggregateType: "Order",
            type: "OrderPlaced",
            payload: Data(
                #"{"number":\#(number),"customer":"Philip Fry","city":"New New York","cents":\#(number * 7919 % 99991)}"#
                    .utf8))
    }

    /// A closed store of several segments, all but the first with a dictionary.
    private static func store(
        _ bench: Bench, eventCount: Int = 4000, durability: Durability = .commit
    ) throws -> SegmentHeader {
        let log = try bench.open { $0.durability = durability }
        for number in 1 ... eventCount { _ = try log.appendBlocking(Commit(events: [event(number)])) }
        try log.closeBlocking()
        let file = try bench.files.open(bench.path + "/segments/0000000002.segment", .readOnly)
        return try DiskBytes.read(file, count: Format.headerSize).withBytes {
            try SegmentHeader(decoding: $0)
        }
    }

    @Test(arguments: Bench.Kind.allCases, [Durability.commit, .system])
    func secondSegmentHasADictionaryAndEverythingReadsBack(kind: Bench.Kind, durability: Durability) throws {
        let bench = try Bench(kind)
        defer { bench.remove() }
        let header = try Self.store(bench, durability: durability)
        #expect(header.dictionarySize > 0)
        let log = try bench.open()
        let events = try log.allEvents()
        #expect(events.map(\.position.rawValue) == (1 ... 4000).map { UInt64($0) })
        #expect(events.map(\.id) == (1 ... 4000).map { Story.eventID($0) })
        #expect(zip(events, 1...).allSatisfy { $0.payload == Self.event($1).payload })
        // The streams are numbered in the dictionary, and read back by number.
        let page = try log.readBlocking(EventQuery(.aggregate(Story.aggregate(3))))
        #expect(page.events.count == 200 && page.events.last?.version == 200)
        let inspection = try log.inspect()
        let first = try #require(inspection.segments.first)
        let next = inspection.segments[1]
        let bytesPerEvent = { (segment: SegmentInspection) in
            Double(segment.usedBytes) / Double(segment.eventCount)
        }
        #expect(bytesPerEvent(next) < 0.6 * bytesPerEvent(first))
        try log.closeBlocking()
        #expect(try Log.verify(at: bench.path, disk: bench.disk).findings.isEmpty)
    }

    /// An event of 60 bytes is too small for LZ4 alone, and was left as it was beside a dictionary, too.
    @Test func smallEventIsCompressedWithADictionary() throws {
        let bench = try Bench(.simulated)
        let log = try bench.open()
        for number in 1 ... 6000 {
            _ = try log.appendBlocking(Story.commit(number ... number, of: number % 9))
        }
        let inspection = try log.inspect()
        #expect(inspection.segments.count > 1)
        #expect(inspection.storedBodyBytes < inspection.bodyBytes * 3 / 4)
        #expect(try log.numbers() == Array(1 ... 6000))
        try log.closeBlocking()
    }

    @Test func damagedCopyCostsNothing() throws {
        for copy in 0 ..< 2 {
            let bench = try Bench(.simulated)
            let header = try Self.store(bench)
            let disk = try #require(bench.disk as? SimulatedDisk)
            disk.corrupt(Self.second, at: SegmentDictionary.offset(ofCopy: copy, in: header) + 70, bit: 2)
            let log = try bench.open()
            #expect(try log.numbers() == Array(1 ... 4000))
        }
    }

    @Test func damageOfBothCopiesIsReportedAndTheRestIsReadable() throws {
        let bench = try Bench(.simulated)
        let header = try Self.store(bench)
        let disk = try #require(bench.disk as? SimulatedDisk)
        for copy in 0 ..< 2 {
            disk.corrupt(Self.second, at: SegmentDictionary.offset(ofCopy: copy, in: header) + 70, bit: 2)
        }
        let log = try bench.open(.readOnly)
        let first = header.firstPosition
        let before = try log.readBlocking(
            EventQuery(positions: 1 ... Position(first - 1), pageEventCountMax: 5000))
        #expect(before.events.compactMap(Story.number) == Array(1 ..< Int(first)))
        let error = #expect(throws: StoreError.self) { try log.allEvents() }
        #expect(error?.code == .damaged)
        // The first commits were made ready before the segment was, and need no dictionary.
        let lost = try #require(error?.damagedPositions?.lowerBound.rawValue)
        #expect(lost >= first && lost <= first + 1)
        let report = try Log.verify(at: "/store", disk: disk)
        #expect(report.findings.contains { $0.segment == 2 })
    }

    @Test func commitPreparedWithTheLastDictionaryIsCompressedAgain() throws {
        // Callers compress before the writer begins a segment, so some commits come with a dictionary that is over.
        let bench = try Bench(.simulated)
        let log = try bench.open()
        DispatchQueue.concurrentPerform(iterations: 4) { caller in
            for number in 0 ..< 1500 {
                let event = Self.event(caller * 10_000 + number + 1)
                _ = try? log.appendBlocking(Commit(events: [event]))
            }
        }
        #expect(try log.allEvents().count == 6000)
        try log.closeBlocking()
        #expect(try Log.verify(at: "/store", disk: bench.disk).findings.isEmpty)
    }

    @Test func dictionaryThatFitsNoMoreIsReplacedEarly() throws {
        let bench = try Bench(.real, segmentBytesMax: 16 << 20)
        defer { bench.remove() }
        var random = SeededGenerator(seed: 4)
        let log = try bench.open {
            $0.durability = .system
            $0.firstSegmentBytes = 1 << 20
        }
        func append(_ kind: String, _ count: Int, from first: Int) throws {
            for number in first ..< first + count {
                let text = (0 ..< 30).map { _ in "\(kind)\(UInt8.random(in: 0 ... 9, using: &random))" }
                    .joined(separator: kind)
                let event = NewEvent(
                    id: Story.eventID(number), aggregateID: Story.aggregate(number % 5),
                    aggregateType: "Text",
                    type: "Written", payload: Data(text.utf8))
                _ = try log.appendBlocking(Commit(events: [event]))
            }
        }
        try append("planet-express", 30_000, from: 1)
        let before = try log.inspect().segments.count
        try append("mars-university", 30_000, from: 30_001)
        let segments = try log.inspect().segments
        #expect(segments.count > before)
        // Begun for the dictionary's sake, not because the one before it was full.
        #expect(segments.dropLast().contains { $0.usedBytes < $0.capacityBytes / 2 })
        try log.closeBlocking()
    }
}
