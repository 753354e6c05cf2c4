// What the store in memory does beyond the conformance suite, and the parts the suite stands on.

import Foundation
import Recall
import Testing

struct MemoryEventStoreTests {
    let store = MemoryEventStore(clock: .fixed(at: Timestamp(microsecondsSince1970: 42)))
    let a = AggregateID()
    let b = AggregateID()

    func event(
        _ id: AggregateID, root: AggregateID? = nil, _ text: String = "", type: EventType = "E"
    ) -> NewEvent {
        NewEvent(aggregateID: id, rootID: root, type: type, payload: Data(text.utf8))
    }

    func code(_ body: () async throws -> Void) async -> StoreError.Code? {
        do { try await body() } catch { return (error as? StoreError)?.code }
        return nil
    }

    @Test func positionsAndVersionsCountFromOne() async throws {
        let receipt = try await store.append(Commit(events: [event(a), event(b), event(a)]))
        #expect(receipt.firstPosition == 1 && receipt.lastPosition == 3)
        #expect(receipt.versions == [a: 2, b: 1])
        #expect(!receipt.wasStoredBefore)
        let page = try await store.read(EventQuery())
        #expect(page.events.map(\.position) == [1, 2, 3])
        #expect(page.events.map(\.version) == [1, 1, 2])
        #expect(page.events.allSatisfy { $0.time.microsecondsSince1970 == 42 })
        #expect(page.next == nil)
    }

    /// Who waits for what comes after a position is not woken by the event at it.
    @Test func waitIsOverWhenAnEventAfterThePositionIsThere() async throws {
        for _ in 0 ..< 20 {
            let store = MemoryEventStore()
            let seen = Gathered<Position>()
            let waiter = Task {
                try await store.waitForEvent(after: 2)
                seen.add(try await store.lastPosition())
            }
            for _ in 0 ..< 20 { await Task.yield() }
            for _ in 0 ..< 2 {
                _ = try await store.append(Commit(events: [event(a)]))
                for _ in 0 ..< 20 { await Task.yield() }
            }
            #expect(seen.values == [])
            _ = try await store.append(Commit(events: [event(a)]))
            try await waiter.value
            #expect(seen.values == [3])
        }
    }

    @Test func commitOfAChildTouchesItsRoot() async throws {
        _ = try await store.append(Commit(events: [event(b, root: a)]))
        #expect(try await store.status(of: a) == AggregateStatus(version: 0, graphPosition: 1))
        #expect(try await store.status(of: b) == AggregateStatus(version: 1, graphPosition: 1))
        #expect(try await store.status(of: AggregateID()) == nil)
        _ = try await store.append(Commit(events: [event(a)]))
        #expect(try await store.status(of: a) == AggregateStatus(version: 1, graphPosition: 2))
        #expect(try await store.read(EventQuery(.aggregate(a))).events.map(\.position) == [2])
        #expect(try await store.read(EventQuery(.graph(a))).events.map(\.position) == [1, 2])
    }

    @Test func repetitionIsAnsweredWhateverVersionIsExpected() async throws {
        let events = [event(a), event(b)]
        let commit = Commit(events: events, expectedVersions: [a: .noStream, b: .noStream])
        let first = try await store.append(commit)
        var again = try await store.append(commit)
        #expect(again.wasStoredBefore)
        again.wasStoredBefore = false
        #expect(again == first)
        #expect(try await store.lastPosition() == 2)
    }

    @Test func storedIDsInAnyOtherShapeWriteNothing() async throws {
        let events = [event(a), event(a), event(a)]
        _ = try await store.append(Commit(events: events))
        let shapes: [([NewEvent], StoreError.Code)] = [
            ([events[0], event(a)], .duplicateEventID),
            ([event(a), events[0]], .duplicateEventID),
            ([events[1], events[0]], .duplicateEventID),
            ([events[0], events[2]], .duplicateEventID),
            (
                [event(a), event(a)].map {
                    var copy = $0; copy.id = events[0].id; return copy
                }, .duplicateEventID
            ),
        ]
        for (shape, expected) in shapes {
            #expect(await code { _ = try await store.append(Commit(events: shape)) } == expected)
        }
        var other = events[0]
        other.payload = Data("other".utf8)
        #expect(await code { _ = try await store.append(Commit(events: [other])) } == .eventIDReused)
        #expect(try await store.lastPosition() == 3)
        let part = try await store.append(Commit(events: Array(events[1...])))
        #expect(part.wasStoredBefore && part.firstPosition == 2 && part.versions == [a: 3])
    }

    @Test func expectedVersionsDecide() async throws {
        _ = try await store.append(Commit(events: [event(a), event(a)]))
        let table: [(AggregateID, ExpectedVersion, Bool)] = [
            (a, .any, true), (a, .noStream, false), (a, .streamExists, true), (a, .exact(2), true),
            (a, .exact(1), false), (a, .exact(3), false), (b, .any, true), (b, .noStream, true),
            (b, .streamExists, false), (b, .exact(0), true), (b, .exact(1), false),
        ]
        for (id, expected, isStored) in table {
            let fresh = MemoryEventStore()
            _ = try await fresh.append(Commit(events: [event(a), event(a)]))
            let found = await code {
                _ = try await fresh.append(Commit([event(id)], to: id, expecting: expected))
            }
            #expect(found == (isStored ? nil : .conflict), "\(expected) of \(id == a ? "a" : "b")")
            #expect(try await fresh.lastPosition() == (isStored ? 3 : 2))
        }
    }

    @Test func graphPositionCatchesAChangeOfAChild() async throws {
        _ = try await store.append(Commit(events: [event(a)]))
        _ = try await store.append(Commit(events: [event(b, root: a)]))
        let stale = Commit(
            events: [event(a)], expectedVersions: [a: .exact(1)], expectedGraphPositions: [a: 1])
        #expect(await code { _ = try await store.append(stale) } == .conflict)
        let fresh = Commit(events: [event(a)], expectedGraphPositions: [a: 2])
        #expect(try await store.append(fresh).lastPosition == 3)
    }

    @Test func pagesInBothDirectionsHoldEveryEventOnce() async throws {
        _ = try await store.append(
            Commit(events: (0 ..< 25).map { event($0 % 2 == 0 ? a : b, type: $0 % 3 == 0 ? "Third" : "E") }))
        for direction in [EventQuery.Direction.forwards, .backwards] {
            for scope in [EventQuery.Scope.all, .aggregate(a), .graph(b)] {
                for types in [[], ["Third"]] as [Set<EventType>] {
                    let whole = EventQuery(scope, direction: direction, eventTypes: types)
                    let expected = try await store.read(whole).events
                    for pageSize in 1 ... 7 {
                        for limit in [nil, 0, 1, 5, 25, 99] as [Int?] {
                            var query: EventQuery? = whole
                            query?.limit = limit
                            query?.pageEventCountMax = pageSize
                            var found: [RecordedEvent] = []
                            while let next = query {
                                let page = try await store.read(next)
                                #expect(page.events.count <= pageSize)
                                found += page.events
                                query = page.next
                                if query != nil { #expect(page.events.count == pageSize) }
                            }
                            #expect(found == Array(expected.prefix(limit ?? .max)))
                        }
                    }
                }
            }
        }
    }

    @Test func impossibleQueriesAreRefused() async {
        #expect(await code { _ = try await store.read(EventQuery(limit: -1)) } == .invalidArgument)
        #expect(await code { _ = try await store.read(EventQuery(pageEventCountMax: 0)) } == .invalidArgument)
    }

    @Test func rangesAndTimesLimitWhatIsRead() async throws {
        for time in [10, 20, 30, 40] as [Int64] {
            var new = event(a)
            new.time = Timestamp(microsecondsSince1970: time)
            _ = try await store.append(Commit(events: [new]))
        }
        func positions(_ query: EventQuery) async throws -> [Position] {
            try await store.read(query).events.map(\.position)
        }
        #expect(try await positions(EventQuery(positions: 2 ... 3)) == [2, 3])
        #expect(try await positions(EventQuery(.aggregate(a), versions: 3 ... 99)) == [3, 4])
        #expect(try await positions(EventQuery(positions: 0 ... .last)) == [1, 2, 3, 4])
        #expect(
            try await positions(
                EventQuery(
                    since: Timestamp(microsecondsSince1970: 20), until: Timestamp(microsecondsSince1970: 30)))
                == [2, 3])
    }

    @Test func waitEndsWithTheEventItWaitsFor() async throws {
        async let waited: Void = store.waitForEvent(after: 1)
        _ = try await store.append(Commit(events: [event(a)]))
        _ = try await store.append(Commit(events: [event(a)]))
        try await waited
        try await store.waitForEvent(after: 0)
    }

    @Test func waitEndsWhenItsTaskIsCancelled() async {
        let task = Task { try await store.waitForEvent(after: 0) }
        task.cancel()
        #expect(await code { try await task.value } == .cancelled)
    }

    @Test func waitEndsWhenTheStoreCloses() async {
        let task = Task { try await store.waitForEvent(after: 0) }
        store.close()
        #expect(await code { try await task.value } == .closed)
        #expect(await code { _ = try await store.lastPosition() } == .closed)
        #expect(await code { _ = try await store.append(Commit(events: [event(a)])) } == .closed)
    }

    @Test func subscriptionSeesWhatWasThereAndWhatComes() async throws {
        _ = try await store.append(Commit(events: [event(a), event(b)]))
        let reader = Task { [store] in
            var positions: [Position] = []
            for try await event in store.subscribe(EventQuery(limit: 50, pageEventCountMax: 3)) {
                positions.append(event.position)
            }
            return positions
        }
        for _ in 0 ..< 24 { _ = try await store.append(Commit(events: [event(a), event(b)])) }
        #expect(try await reader.value == (1 ... 50).map { Position($0) })
    }

    @Test func concurrentWritersLeaveNoGap() async throws {
        try await withThrowingTaskGroup { group in
            for _ in 0 ..< 8 {
                group.addTask { [store, a] in
                    for _ in 0 ..< 50 { _ = try await store.append(Commit(events: [event(a), event(a)])) }
                }
            }
            try await group.waitForAll()
        }
        let page = try await store.read(EventQuery(.aggregate(a), pageEventCountMax: 10_000))
        #expect(page.events.map(\.version) == (1 ... 800).map { Version($0) })
        #expect(page.events.map(\.position) == (1 ... 800).map { Position($0) })
    }
}
