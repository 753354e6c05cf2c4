// A Redis server failed over to a replica that had not got the last events, and other events were acknowledged at the same positions: a
// subscription and a relay passed over them in silence, and for good. A reader knows the event at its position, and each page
// proves that the store still has it there.

import Foundation
import Recall
import RecallTestKit
import Synchronization
import Testing

@Suite struct CursorTests {
    /// A store behind which another one can be put, as behind a server's address.
    private final class ReplaceableStore: EventStore {
        let present: Mutex<MemoryEventStore>
        /// What takes the store's place after the next read.
        let successor = Mutex<MemoryEventStore?>(nil)

        init(_ store: MemoryEventStore) { present = Mutex(store) }

        var store: MemoryEventStore { present.withLock { $0 } }

        func append(_ commit: Commit) async throws(StoreError) -> CommitReceipt {
            try await store.append(commit)
        }
        func read(_ query: EventQuery) async throws(StoreError) -> EventPage {
            let page = try await store.read(query)
            if let next = successor.withLock({ $0.take() }) { present.withLock { $0 = next } }
            return page
        }
        func status(of aggregate: AggregateID) async throws(StoreError) -> AggregateStatus? {
            try await store.status(of: aggregate)
        }
        func lastPosition() async throws(StoreError) -> Position { try await store.lastPosition() }
        func waitForEvent(after position: Position) async throws(StoreError) {
            try await store.waitForEvent(after: position)
        }
    }

    /// A store with events whose ids are numbers.
    private static func store(_ numbers: [UInt64]) async throws -> MemoryEventStore {
        let store = MemoryEventStore()
        for number in numbers {
            _ = try await store.append(
                Commit(events: [
                    NewEvent(
                        id: EventID(number: number), aggregateID: AggregateID(number: number % 3),
                        aggregateType: "Tale", type: "Told", payload: Data("{}".utf8))
                ]))
        }
        return store
    }

    private static func code(_ body: () async throws -> some Any) async -> StoreError.Code? {
        do {
            _ = try await body()
            return nil
        } catch let error as StoreError {
            return error.code
        } catch let error as PlayerError {
            return (error.cause as? StoreError)?.code
        } catch { return "\(error)".isEmpty ? nil : StoreError.Code("\(error)") }
    }

    @Test(arguments: [true, false])
    func subscriptionRefusesAStoreThatHasOtherEvents(isLive: Bool) async throws {
        for others in [[1, 2, 3, 14, 15, 16], [1, 2, 3], [1, 2, 3, 14]] as [[UInt64]] {
            let store = ReplaceableStore(try await Self.store([1, 2, 3, 4]))
            let query = EventQuery(pageEventCountMax: 2)
            var iterator =
                (isLive ? store.subscribe(query) : store.events(query)).makeAsyncIterator()
            for number in 1 ... 4 {
                #expect(try await iterator.next()?.id == EventID(number: UInt64(number)))
            }
            if !isLive { continue }
            // While the reader waits, the store becomes another one.
            let other = try await Self.store(others)
            store.present.withLock { $0 = other }
            try await Self.append(5, to: store, upTo: 6)
            #expect(await Self.code { try await iterator.next() } == .anotherHistory)
        }
    }

    /// Appends until there is an event at a position, so that whoever waits for one wakes.
    private static func append(_ number: UInt64, to store: ReplaceableStore, upTo last: Position) async throws
    {
        var number = number * 100
        while try await store.lastPosition() < last {
            number += 1
            _ = try await store.append(
                Commit(events: [
                    NewEvent(
                        id: EventID(number: number), aggregateID: AggregateID(number: 1),
                        aggregateType: "Tale",
                        type: "Told", payload: Data("{}".utf8))
                ]))
        }
    }

    @Test func pageTellsHowFarItLookedAndProvesItsCursor() async throws {
        let store = try await Self.store([1, 2, 3, 4, 5])
        var query = EventQuery(eventTypes: ["Untold"])
        query.cursor = .start
        let page = try await store.read(query)
        #expect(page.events.isEmpty)
        #expect(page.cursor == EventCursor(position: 5, eventID: EventID(number: 5)))
        // Through the last position that the query asks for.
        query.positions = 1 ... 3
        #expect(try await store.read(query).cursor?.position == 3)
        // A query that asks for no proof gets none.
        #expect(try await store.read(EventQuery()).cursor == nil)
        for (cursor, isRefused) in [
            (EventCursor(position: 5, eventID: EventID(number: 5)), false),
            (EventCursor(position: 5), false),
            (EventCursor(position: 5, eventID: EventID(number: 4)), true),
            (EventCursor(position: 6), true),
            (EventCursor(position: .last, eventID: EventID(number: 1)), true),
        ] {
            let code = await Self.code { try await store.read(EventQuery().after(cursor)) }
            #expect(code == (isRefused ? .anotherHistory : nil), "\(cursor)")
        }
    }

    /// The first page of an aggregate came from one server, and the second from another that it failed over to.
    @Test func aggregateIsNotLoadedFromHalvesOfTwoHistories() async throws {
        let ids = AgencyIDs()
        func agencyStore(_ names: ClosedRange<Int>) async throws -> MemoryEventStore {
            let store = MemoryEventStore()
            var agency = Agency(id: ids.agency)
            for name in names { agency.rename("\(name)") }
            try await Repository<Agency>(eventStore: store).save(&agency)
            return store
        }
        let store = ReplaceableStore(try await agencyStore(1 ... 1500))
        let other = try await agencyStore(2001 ... 3500)
        let repository = Repository<Agency>(
            RepositoryConfiguration(eventStore: store, identityMapCountMax: 0))
        #expect(try await repository.load(ids.agency).name == "1500")
        store.successor.withLock { $0 = other }
        let error = await #expect(throws: RepositoryError.self) { try await repository.load(ids.agency) }
        #expect((error?.cause as? StoreError)?.code == .anotherHistory, "\(String(describing: error))")
        #expect(try await repository.load(ids.agency).name == "3500")
    }

    /// A player whose checkpoint lay behind the end of a restored store waited, or played other events as if they followed.
    @Test func playerRefusesACheckpointOfAnotherHistory() async throws {
        let store = try await Self.store([1, 2, 3, 4, 5])
        let player = Player(store: store)
        let report = try await player.play()
        #expect(report.checkpoint.position == 5 && report.checkpoint.eventID == EventID(number: 5))
        let saved = try JSONDecoder().decode(
            PlayerCheckpoint.self, from: JSONEncoder().encode(report.checkpoint))
        #expect(saved == report.checkpoint)
        #expect(try await player.play(from: saved).eventCount == 0)
        let shorter = Player(store: try await Self.store([1, 2, 3]))
        #expect(await Self.code { try await shorter.play(from: saved) } == .anotherHistory)
        let other = Player(store: try await Self.store([1, 2, 3, 4, 6, 7]))
        #expect(await Self.code { try await other.play(from: saved) } == .anotherHistory)
        #expect(await Self.code { try await other.rehearse(from: saved) } == .anotherHistory)
        #expect(
            await Self.code { try await shorter.play(from: PlayerCheckpoint(position: 4)) } == .anotherHistory
        )
        // What a filter left out is known, too.
        let filtered = try await player.play(EventQuery(eventTypes: ["Untold"]))
        #expect(filtered.checkpoint.eventID == EventID(number: 5))
    }

    /// While a relay runs, its store loses its last event and gets others.
    @Test func relayRefusesAStoreThatHasOtherEventsMeanwhile() async throws {
        let store = ReplaceableStore(try await Self.store([1, 2, 3, 4]))
        let routed = Gathered<EventID>()
        var router = CallbackRouter()
        router.onAll { routed.add($0.id) }
        let relay = try Relay(reading: store, feeding: router, keepingStateIn: MemoryRelayStateStore())
        try await relay.drain()
        for numbers in [[1, 2, 3, 14, 15, 16], [1, 2, 3]] as [[UInt64]] {
            let other = try await Self.store(numbers)
            store.present.withLock { $0 = other }
            #expect(await Self.code { try await relay.drain() } == .relayStateOfAnotherStore)
        }
        #expect(routed.values == [1, 2, 3, 4].map { EventID(number: $0) })
    }
}
