// Borrowed reads against paged ones: the same events in the same order, whatever is asked for.

import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct BorrowedReadTests {
    /// A log of a random history, with the history.
    private func history(_ bench: Bench, seed: UInt64) throws -> (Log, RandomWorkload, ReferenceModel) {
        let log = try bench.open {
            $0.clock = .fixed(at: Timestamp(microsecondsSince1970: 1_764_000_000_000_000))
        }
        var workload = RandomWorkload(seed: seed)
        var model = ReferenceModel()
        for _ in 0 ..< 250 {
            let commit = workload.nextCommit(after: model)
            if (try? log.appendBlocking(commit)) != nil {
                _ = model.append(commit, time: Timestamp(microsecondsSince1970: 1_764_000_000_000_000))
            }
        }
        return (log, workload, model)
    }

    @Test(arguments: Bench.Kind.allCases, [1, 2, 3] as [UInt64])
    func borrowedEventsEqualPagedOnesForAnyQuery(_ kind: Bench.Kind, seed: UInt64) throws {
        let bench = try Bench(kind, durability: .system)
        defer { bench.remove() }
        var (log, workload, model) = try history(bench, seed: seed)
        for _ in 0 ..< 150 {
            let query = workload.nextQuery(over: model)
            let paged = try log.events(query)
            #expect(try log.borrowed(query) == paged, "seed \(seed): \(query)")
            let ahead = ReadAhead(threadCount: 2, byteCountMin: 0, eventCountMin: 0)
            #expect(try log.borrowed(query, ahead: ahead) == paged, "seed \(seed), ahead: \(query)")
        }
    }

    @Test func bodyThatReturnsFalseEndsABorrowedLoad() throws {
        let bench = try Bench(.simulated)
        let log = try bench.open()
        for number in 1 ... 20 { _ = try log.appendBlocking(Story.commit(number ... number, of: number % 2)) }
        var positions: [UInt64] = []
        try log.replayBlocking(EventQuery(.aggregate(Story.aggregate(1)), direction: .backwards)) {
            event, _ in
            positions.append(event.position.rawValue)
            return positions.count < 3
        }
        #expect(positions == [19, 17, 15])
    }

    @Test func damagedFrameOfAnAggregateFailsItsBorrowedLoad() throws {
        let bench = try Bench(.simulated)
        let disk = try #require(bench.disk as? SimulatedDisk)
        let log = try bench.open()
        for number in 1 ... 20 { _ = try log.appendBlocking(Story.commit(number ... number, of: number % 2)) }
        let offsets = try FrameOffsets.find(in: disk, "/store/segments/0000000001.segment")
        disk.corrupt("/store/segments/0000000001.segment", at: offsets[10] + 20, bit: 1)
        #expect(throws: StoreError.self) { try log.borrowed(EventQuery(.aggregate(Story.aggregate(1)))) }
        #expect(try log.borrowed(EventQuery(.aggregate(Story.aggregate(0)))).count == 10)
    }
}

/// Where the commits of a segment lie.
enum FrameOffsets {
    static func find(in disk: SimulatedDisk, _ path: String) throws -> [Int] {
        let bytes = try #require(disk.contents(of: path))
        return try bytes.withUnsafeBytes { buffer in
            let header = try SegmentHeader(decoding: buffer.bytes)
            var offset = header.framesOffset
            var offsets: [Int] = []
            while let frame = try? FrameHeader.decode(buffer.bytes, at: offset, in: header) {
                if frame.kind == .commit { offsets.append(offset) }
                offset = frame.endOffset
            }
            return offsets
        }
    }
}

extension Log {
    /// All events of a query, copied from what is lent.
    func borrowed(_ query: EventQuery, ahead: ReadAhead = .none) throws(StoreError) -> [RecordedEvent] {
        var events: [RecordedEvent] = []
        try replayBlocking(query, ahead: ahead) { (event, bytes) throws(StoreError) in
            do throws(FormatError) {
                events.append(try event.recordedEvent(bytes))
            } catch {
                throw StoreError(.damaged, error.reason)
            }
            return true
        }
        return events
    }

    /// All events of a query, page by page.
    func events(_ query: EventQuery) throws(StoreError) -> [RecordedEvent] {
        var events: [RecordedEvent] = []
        var next: EventQuery? = query
        while let query = next {
            let page = try readBlocking(query)
            events += page.events
            next = page.next
        }
        return events
    }
}
