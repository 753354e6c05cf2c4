// A replay on several threads does what one on the caller's does: the same events, and the same end.

import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct ParallelReplayTests {
    private struct Stopped: Equatable {
        var positions: [UInt64]
        var code: StoreError.Code?
        var message: String?
        var damage: ClosedRange<Position>?
    }

    private static let ahead = ReadAhead(threadCount: 2, byteCountMin: 0, eventCountMin: 0)
    private static let eventCount = 4000

    /// Segments of 64 KiB and of 1 MiB, the first without a dictionary; commits of one and of several events.
    private func fill(_ bench: Bench) throws {
        let log = try bench.open()
        var number = 1
        while number <= Self.eventCount {
            let last = min(number + (number % 7 == 0 ? 9 : 0), Self.eventCount)
            _ = try log.appendBlocking(Story.commit(number ... last, of: number % 13, padding: number % 50))
            number = last + 1
        }
        try log.closeBlocking()
    }

    private func replay(
        _ log: Log, _ ahead: ReadAhead, from first: UInt64 = 1, stopAt last: UInt64 = .max
    ) -> Stopped {
        var result = Stopped(positions: [])
        do throws(StoreError) {
            try log.replayBlocking(EventQuery(positions: Position(first) ... .last), ahead: ahead) {
                event, _ in
                result.positions.append(event.position.rawValue)
                return event.position.rawValue < last
            }
        } catch {
            result.code = error.code
            result.message = error.message
            result.damage = error.damagedPositions
        }
        return result
    }

    @Test(arguments: Bench.Kind.allCases, [64 << 10, 1 << 20])
    func everyEventComesOnceAndInOrder(_ kind: Bench.Kind, segmentBytesMax: Int) throws {
        let bench = try Bench(kind, segmentBytesMax: segmentBytesMax, durability: .system)
        defer { bench.remove() }
        try fill(bench)
        let log = try bench.open(.readOnly)
        let all = replay(log, Self.ahead)
        #expect(all == Stopped(positions: Array(1 ... UInt64(Self.eventCount))))
        for first in [2, 777, 3999, 4000] as [UInt64] {
            #expect(replay(log, Self.ahead, from: first) == replay(log, .none, from: first))
        }
        #expect(try log.borrowed(EventQuery(), ahead: Self.ahead) == log.allEvents())
    }

    @Test func damageIsReportedExactlyAsByOneThread() throws {
        let bench = try Bench(.simulated, durability: .system)
        let disk = try #require(bench.disk as? SimulatedDisk)
        try fill(bench)
        let path = "/store/segments/0000000002.segment"
        let offsets = try FrameOffsets.find(in: disk, path)
        // The checksum, the size, the head, the body: of the first frame, one in the middle, the last.
        for offset in [offsets[0], offsets[offsets.count / 2], offsets[offsets.count - 1]] {
            for byte in [0, 4, 5, 30] {
                disk.corrupt(path, at: offset + byte, bit: 6)
                let log = try bench.open(.readOnly)
                let alone = replay(log, .none)
                #expect(alone.code == .damaged)
                #expect(replay(log, Self.ahead) == alone, "byte \(byte) of the frame at \(offset)")
                disk.corrupt(path, at: offset + byte, bit: 6)
            }
        }
    }

    @Test func bodyThatReturnsFalseEndsIt() throws {
        let bench = try Bench(.simulated, durability: .system)
        try fill(bench)
        let log = try bench.open(.readOnly)
        for last in [1, 500, 2900] as [UInt64] {
            #expect(replay(log, Self.ahead, stopAt: last) == Stopped(positions: Array(1 ... last)))
        }
    }

    @Test func bodyThatThrowsEndsIt() throws {
        let bench = try Bench(.simulated, durability: .system)
        try fill(bench)
        let log = try bench.open(.readOnly)
        var count = 0
        let error = #expect(throws: StoreError.self) {
            try log.replayBlocking(EventQuery(), ahead: Self.ahead) { (_, _) throws(StoreError) in
                count += 1
                if count == 1500 { throw StoreError(.cancelled, "enough") }
                return true
            }
        }
        #expect(error?.code == .cancelled)
        #expect(count == 1500)
    }
}
