// Indexes are derived: whatever happens to their files, the log answers the same.

import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct IndexTests {
    /// A closed store of several segments whose tail has an index file of its own.
    private func makeStore() throws -> (bench: Bench, disk: SimulatedDisk, events: [RecordedEvent]) {
        let bench = try Bench(.simulated)
        for session in 0 ..< 2 {
            let log = try bench.open { $0.checkpointFrameCountMin = 2 }
            for number in (session * 700 + 1) ... (session * 700 + 700) {
                _ = try log.appendBlocking(Story.commit(number ... number, of: number % 13, padding: 40))
            }
            try log.closeBlocking()
        }
        let log = try bench.open()
        let events = try log.allEvents()
        try log.closeBlocking()
        return (bench, try #require(bench.disk as? SimulatedDisk), events)
    }

    private func check(_ log: Log, _ events: [RecordedEvent], _ comment: Comment) throws {
        for number in [0, 5, 12] {
            let id = Story.aggregate(number)
            let expected = events.filter { $0.aggregateID == id }
            #expect(try log.readBlocking(EventQuery(.aggregate(id))).events == expected, comment)
            #expect(
                try log.readBlocking(EventQuery(.aggregate(id), direction: .backwards, limit: 3)).events
                    == Array(expected.suffix(3).reversed()), comment)
        }
        // An id of the first segment and one of the last are known.
        for number in [1, 1400] {
            let receipt = try log.appendBlocking(
                Story.commit(number ... number, of: number % 13, padding: 40))
            #expect(receipt.wasStoredBefore, comment)
            #expect(receipt.lastPosition.rawValue == UInt64(number), comment)
        }
        // A log that is only given up lets go of its lock when its thread has seen it.
        try log.closeBlocking()
    }

    /// Look-ups that come to every block of every index file, since damage is found where it is met.
    private func askForEverything(_ log: Log) throws {
        for number in 0 ..< 13 {
            _ = try log.readBlocking(EventQuery(.aggregate(Story.aggregate(number))))
        }
        for number in stride(from: 1, through: 1400, by: 7) {
            let position = Position(UInt64(number))
            #expect(try log.readBlocking(EventQuery(positions: position ... position)).events.count == 1)
            let receipt = try log.appendBlocking(
                Story.commit(number ... number, of: number % 13, padding: 40))
            #expect(receipt.wasStoredBefore)
        }
        try log.closeBlocking()
    }

    @Test func sealedSegmentsAndACleanlyClosedTailHaveIndexFiles() throws {
        let (bench, disk, events) = try makeStore()
        #expect(try disk.list("/store/indexes").count == (try disk.list("/store/segments").count))
        #expect(try Log.verify(at: "/store", disk: disk).isWhole)
        try check(try bench.open(), events, "with index files")
    }

    @Test func deletedIndexesAreMadeAgain() throws {
        let (bench, disk, events) = try makeStore()
        for name in try disk.list("/store/indexes") { try disk.delete("/store/indexes/" + name) }
        try check(try bench.open(), events, "without index files")
        // Those of sealed segments are kept again; the tail's is, once it is long enough.
        let segmentCount = try disk.list("/store/segments").count
        #expect(try disk.list("/store/indexes").count >= segmentCount - 1)
        #expect(try Log.verify(at: "/store", disk: disk).isWhole)
    }

    @Test func damagedIndexesAreFoundOutAndMadeAgain() throws {
        let (bench, disk, events) = try makeStore()
        let names = try disk.list("/store/indexes")
        for name in names {
            let path = "/store/indexes/" + name
            let size = try #require(disk.contents(of: path)).count
            for offset in [0, 20, 60, 100, 600, size / 2, size - 1] {
                disk.corrupt(path, at: offset, bit: 2)
                let damaged = disk.contents(of: path)?[offset]
                let findings = try Log.verify(at: "/store", disk: disk).findings
                #expect(findings.contains { $0.kind == .index }, "\(name) at \(offset)")
                try check(try bench.open(.createOrOpen), events, "\(name) at \(offset)")
                try askForEverything(try bench.open(.createOrOpen))
                // A sealed segment's index is kept again; the tail's is deleted when its damage is met, and waits
                // for a close that is worth it.
                if name == names.last, disk.contents(of: path) == nil {
                    let log = try bench.open { $0.checkpointFrameCountMin = 2 }
                    _ = try log.appendBlocking(
                        Story.commit(1400 + offset + 1 ... 1400 + offset + 1, of: 13))
                    try log.closeBlocking()
                    #expect(disk.contents(of: path) != nil)
                }
                if name == names.last, disk.contents(of: path)?[offset] == damaged {
                    disk.corrupt(path, at: offset, bit: 2)
                }
                #expect(try Log.verify(at: "/store", disk: disk).isWhole, "\(name) at \(offset)")
            }
        }
    }
}
