// Reading beside a writer, through files alone, as another process does it.

import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct FollowerTests {
    @Test(arguments: Bench.Kind.allCases)
    func readerSeesEachCommitOnceItIsDurable(_ kind: Bench.Kind) throws {
        let bench = try Bench(kind)
        defer { bench.remove() }
        let writer = try bench.open()
        let reader = try bench.open(.readOnly)
        #expect(try reader.lastPositionBlocking() == 0)
        // Far enough for several segments to begin while the reader follows, and no segment begins with the same stream.
        for number in 1 ... 200 {
            _ = try writer.appendBlocking(noisy(number))
            #expect(try reader.lastPositionBlocking().rawValue == UInt64(number))
            if number % 20 == 0 { try expectStreams(reader, through: number, "commit \(number)") }
        }
        #expect(try reader.inspect().segments.count > 3)
        #expect(try reader.numbers() == Array(1 ... 200))
        // A second session of the writer is followed as well.
        try writer.closeBlocking()
        let second = try bench.open()
        for number in 201 ... 205 {
            _ = try second.appendBlocking(Story.commit(number ... number, of: number % 3))
        }
        #expect(try reader.numbers() == Array(1 ... 205))
        try expectStreams(reader, through: 205, "second session")
    }

    /// A reader that falls behind by whole segments catches up with each commit of them.
    @Test(arguments: Bench.Kind.allCases)
    func readerThatFellBehindMissesNothing(_ kind: Bench.Kind) throws {
        let bench = try Bench(kind)
        defer { bench.remove() }
        let writer = try bench.open()
        let reader = try bench.open(.readOnly)
        var last = 0
        for count in [1, 90, 3, 140] {
            for number in last + 1 ... last + count {
                _ = try writer.appendBlocking(noisy(number))
            }
            last += count
            try expectStreams(reader, through: last, "behind by \(count)")
            #expect(try reader.numbers() == Array(1 ... last))
        }
    }

    /// Padding that compresses fills no segment: the reader of 200 such commits never saw one begin.
    private func noisy(_ number: Int) -> Commit {
        Commit(
            [Story.event(number, of: number % 3, noise: 1200)], to: Story.aggregate(number % 3))
    }

    /// Each of the three streams, by what the reader's own index has: all of its events, and how far it is.
    private func expectStreams(_ reader: Log, through last: Int, _ comment: Comment) throws {
        for stream in 0 ..< 3 {
            let expected = (1 ... last).filter { $0 % 3 == stream }
            let id = Story.aggregate(stream)
            let page = try reader.readBlocking(EventQuery(.aggregate(id)))
            #expect(page.events.compactMap(Story.number) == expected, comment)
            let status = try reader.statusBlocking(of: id)
            #expect(status?.version.rawValue ?? 0 == UInt64(expected.count), comment)
            #expect(status?.graphPosition.rawValue ?? 0 == UInt64(expected.last ?? 0), comment)
        }
    }

    @Test func readerDoesNotSeeWhatIsNotSyncedYet() throws {
        let bench = try Bench(.simulated)
        let disk = try #require(bench.disk as? SimulatedDisk)
        let writer = try bench.open()
        _ = try writer.appendBlocking(Story.commit(1 ... 1, of: 1))
        let reader = try bench.open(.readOnly)
        disk.plan(SimulatedFault(.sync, pathPart: "segment", number: 5))
        #expect(throws: StoreError.self) { try writer.appendBlocking(Story.commit(2 ... 2, of: 1)) }
        // Written, in the file for everybody to read, and never promised.
        #expect(try reader.numbers() == [1])
        #expect(try bench.open(.readOnly).numbers() == [1])
        #expect(try reader.readBlocking(EventQuery(.aggregate(Story.aggregate(1)))).events.count == 1)
        for log in [writer, reader] {
            let status = try log.statusBlocking(of: Story.aggregate(1))
            #expect(status == AggregateStatus(version: 1, graphPosition: 1))
        }
    }

    @Test func subscriptionFollowsAnotherProcessesWriter() async throws {
        let bench = try Bench(.real)
        defer { bench.remove() }
        let writer = try bench.open()
        let reader = try bench.open(.readOnly)
        async let seen: [Int] = {
            var numbers: [Int] = []
            for try await event in reader.events.subscribe(EventQuery(limit: 60)) {
                numbers.append(Story.number(event) ?? 0)
            }
            return numbers
        }()
        for number in 1 ... 60 { _ = try await writer.append(Story.commit(number ... number, of: 1)) }
        #expect(try await seen == Array(1 ... 60))
    }
}
