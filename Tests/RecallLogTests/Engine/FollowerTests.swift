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
        // Far enough for several segments to begin while the reader follows.
        for number in 1 ... 200 {
            _ = try writer.appendBlocking(Story.commit(number ... number, of: number % 3, padding: 1000))
            #expect(try reader.lastPositionBlocking().rawValue == UInt64(number))
        }
        #expect(try reader.numbers() == Array(1 ... 200))
        let id = Story.aggregate(1)
        #expect(
            try reader.readBlocking(EventQuery(.aggregate(id))).events
                == writer.readBlocking(EventQuery(.aggregate(id))).events)
        // A second session of the writer is followed as well.
        try writer.closeBlocking()
        let second = try bench.open()
        _ = try second.appendBlocking(Story.commit(201 ... 205, of: 1))
        #expect(try reader.numbers() == Array(1 ... 205))
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
