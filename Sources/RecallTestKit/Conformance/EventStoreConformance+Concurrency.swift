// Many writers beside readers: every commit lands once and whole, and what a reader sees at any moment
// is a beginning of the final history that ends between two commits.

internal import Recall

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension EventStoreConformance {
    private static let writerCount = 10
    private static let commitsPerWriterCount = 100
    private static let eventsPerCommitCount = 100

    static let concurrencyCases: [Case] = [
        Case("10 writers with 100 commits of 100 events beside 2 readers") { session in
            let store = session.store
            let total = writerCount * commitsPerWriterCount * eventsPerCommitCount
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0 ..< writerCount {
                    group.addTask { try await write(as: writer, to: store) }
                }
                group.addTask { try await follow(total, in: store) }
                group.addTask { try await read(until: total, in: store) }
                try await group.waitForAll()
            }
            try expectEqual(try await store.lastPosition(), Position(UInt64(total)), "The last position")
            for writer in 0 ..< writerCount {
                let status = try await store.status(of: stream(of: writer))
                let own = commitsPerWriterCount * (eventsPerCommitCount - 1)
                try expectEqual(
                    status?.version, Version(UInt64(own)), "The version of the stream of writer \(writer)")
            }
            let shared = try await store.status(of: Sample.depot)?.version
            try expectEqual(
                shared, Version(UInt64(writerCount * commitsPerWriterCount)),
                "The version of the shared stream")
            try expectEqual(try await check(upTo: total, in: store), total, "The events of the final history")
        },
        Case("of 8 writers that expect the same version one wins each round") { session in
            let store = session.store
            for round in 0 ..< 25 as Range<UInt64> {
                let winnerCount = try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0 ..< 8 {
                        group.addTask {
                            do throws(StoreError) {
                                _ = try await store.append(
                                    Commit(
                                        Sample.events(2), to: Sample.company,
                                        expecting: .exact(Version(round * 2))))
                                return 1
                            } catch {
                                if error.code != .conflict { throw error }
                                return 0
                            }
                        }
                    }
                    return try await group.reduce(0, +)
                }
                try expectEqual(winnerCount, 1, "The commits that were stored in round \(round)")
                try expectEqual(
                    try await store.lastPosition(), Position(round * 2 + 2),
                    "The last position after round \(round)")
            }
        },
    ]

    private static func stream(of writer: Int) -> AggregateID { AggregateID(number: 1_000 + UInt64(writer)) }

    /// Each commit: all but the last event to the writer's own stream, the last to one that all share.
    private static func write(as writer: Int, to store: any EventStore) async throws {
        var version = Version.beforeFirst
        for commitIndex in 0 ..< commitsPerWriterCount {
            let mark = "\(writer):\(commitIndex)"
            let events = (0 ..< eventsPerCommitCount).map { index in
                NewEvent(
                    aggregateID: index == eventsPerCommitCount - 1 ? Sample.depot : stream(of: writer),
                    aggregateType: "Thing", type: "Happened", tags: [EventTag(mark)],
                    payload: Data("\(index)".utf8))
            }
            let receipt = try await store.append(
                Commit(events: events, expectedVersions: [stream(of: writer): .exact(version)]))
            version = version.advanced(by: UInt64(eventsPerCommitCount - 1))
            try expectEqual(
                receipt.version(of: stream(of: writer)), version, "The version in the receipt of \(mark)")
            try expectEqual(
                receipt.lastPosition.rawValue - receipt.firstPosition.rawValue,
                UInt64(eventsPerCommitCount - 1),
                "The distance of the positions in the receipt of \(mark)")
        }
    }

    /// Holds every event of whole commits against its neighbours: positions without a gap, and each
    /// commit in one piece and in its own order.
    private struct CommitChecker {
        var count = 0
        var mark: [EventTag] = []
        var versions: [AggregateID: Version] = [:]

        mutating func check(_ event: RecordedEvent) throws {
            count += 1
            try expectEqual(event.position, Position(UInt64(count)), "The position of the next event")
            let index = (count - 1) % EventStoreConformance.eventsPerCommitCount
            if index == 0 { mark = event.tags }
            try expectEqual(event.tags, mark, "The commit of the event at position \(count)")
            try expectEqual(
                event.payload, Data("\(index)".utf8), "The place in its commit of position \(count)")
            let version = versions[event.aggregateID, default: .beforeFirst].next
            versions[event.aggregateID] = version
            try expectEqual(event.version, version, "The version of the event at position \(count)")
        }
    }

    private static func follow(_ total: Int, in store: any EventStore) async throws {
        var checker = CommitChecker()
        for try await event in store.subscribe(EventQuery(limit: total)) { try checker.check(event) }
        try expectEqual(checker.count, total, "The events of a subscription")
    }

    /// Reads from the beginning again and again, and what is visible each time ends between two commits.
    private static func read(until total: Int, in store: any EventStore) async throws {
        var count = 0
        while count < total {
            try await store.waitForEvent(after: Position(UInt64(count)))
            let last = try await store.lastPosition()
            try expect(
                last.rawValue.isMultiple(of: UInt64(eventsPerCommitCount)),
                "The last position beside writers: expected the end of a commit, found \(last).")
            try expect(
                last.rawValue >= UInt64(count),
                "The last position beside writers: expected it not to fall below \(count), found \(last).")
            count = Int(last.rawValue)
            // The newest commits, backwards, so that reading all of it again and again is not the test.
            let newest = try await store.readToEnd(
                EventQuery(direction: .backwards, positions: 1 ... last, limit: eventsPerCommitCount * 3))
            let positions = newest.map(\.position.rawValue)
            let expected = (0 ..< UInt64(newest.count)).map { last.rawValue - $0 }
            try expectEqual(positions, expected, "The positions backwards from \(last)")
            for commit in stride(from: 0, to: newest.count, by: eventsPerCommitCount) {
                let tags = Set(
                    newest[commit ..< min(commit + eventsPerCommitCount, newest.count)].map(\.tags))
                try expectEqual(tags.count, 1, "The commits in one block of positions below \(last)")
            }
        }
    }

    /// Reads and checks everything up to a position.
    /// - Returns: how many events there were.
    private static func check(upTo total: Int, in store: any EventStore) async throws -> Int {
        var checker = CommitChecker()
        for try await event in store.events(EventQuery(pageEventCountMax: 5_000)) { try checker.check(event) }
        return checker.count
    }
}
