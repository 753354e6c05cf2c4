// History played into handlers: all of it, once, in order, and resumable where it stopped.

import Foundation
import Recall
import Testing

struct PlayerTests {
    struct Broken: Error {}

    let store = MemoryEventStore()
    let id = AggregateID()

    /// Names 1...n, and behind each an event that nobody wants.
    func fill(_ count: Int) async throws {
        for index in 1 ... count {
            _ = try await store.append(
                Commit(events: [
                    NewEvent(
                        aggregateID: id, type: "Named", payload: Data("{\"name\":\"\(index)\"}".utf8)),
                    NewEvent(aggregateID: id, type: "Noise", payload: Data()),
                ]))
        }
    }

    @Test func handlersGetTheirEventsInOrder() async throws {
        try await fill(5)
        let names = Gathered<String>()
        let positions = Gathered<Position>()
        var player = Player(store: store)
        player.on(Named.self, name: "names") { named, _ in names.add(named.name) }
        player.onAll { positions.add($0.position) }
        player.on("Never") { _ in }
        let report = try await player.play(EventQuery(pageEventCountMax: 3))
        #expect(names.values == ["1", "2", "3", "4", "5"])
        #expect(positions.values == (1 ... 10).map { Position($0) })
        #expect(report.eventCountsByHandler == ["names": 5, "all events": 10, "Never": 0])
        #expect(report.eventCount == 10 && report.unhandledEventCount == 0)
        #expect(report.checkpoint.position == 10)
    }

    @Test func dryRunCountsAndCallsNobody() async throws {
        try await fill(4)
        var player = Player(store: store)
        player.on(Named.self) { _, _ in Issue.record("A dry run called a handler.") }
        let report = try await player.rehearse(EventQuery(positions: 3 ... .last))
        #expect(report.eventCountsByHandler == ["Named": 3])
        #expect(report.eventCount == 6 && report.unhandledEventCount == 3)
    }

    @Test func failingHandlerStopsThereAndPlayingGoesOnFromTheCheckpoint() async throws {
        try await fill(5)
        let names = Gathered<String>()
        let isRepaired = Gathered<Bool>()
        var player = Player(store: store)
        player.on("Named", name: "first") { names.add("first \($0.position)") }
        player.on(Named.self, name: "second") { named, _ in
            if named.name == "3", isRepaired.values.isEmpty { throw Broken() }
            names.add(named.name)
        }
        let failure = await #expect(throws: PlayerError.self) { try await player.play() }
        let error = try #require(failure)
        #expect(error.position == 5 && error.handlerName == "second" && error.cause is Broken)
        #expect(error.report.checkpoint.position == 4)
        #expect(error.message.contains("\"second\"") && error.message.contains("position 5"))
        #expect(names.values == ["first 1", "1", "first 3", "2", "first 5"])
        isRepaired.add(true)
        let report = try await player.play(from: error.report.checkpoint)
        #expect(report.checkpoint.position == 10 && report.eventCount == 6)
        #expect(names.values.suffix(6) == ["first 5", "3", "first 7", "4", "first 9", "5"])
    }

    @Test func checkpointPassesWhatFiltersLeftOut() async throws {
        try await fill(3)
        let player = Player(store: store)
        let query = EventQuery(eventTypes: ["Named"])
        let first = try await player.play(query)
        #expect(first.eventCount == 3 && first.checkpoint.position == 6)
        let again = try await player.play(query, from: first.checkpoint)
        #expect(again.eventCount == 0 && again.checkpoint == first.checkpoint)
        let limited = try await player.play(EventQuery(eventTypes: ["Named"], limit: 2))
        #expect(limited.checkpoint.position == 3)
        let ranged = try await player.play(EventQuery(positions: 1 ... 4, eventTypes: ["Named"]))
        #expect(ranged.checkpoint.position == 4)
    }

    @Test func progressReachesTheEnd() async throws {
        try await fill(10)
        let heard = Gathered<PlayerProgress>()
        try await Player(store: store).play(EventQuery(pageEventCountMax: 6)) { heard.add($0) }
        #expect(heard.values.map(\.position) == [6, 12, 18, 20])
        #expect(heard.values.map(\.eventCount) == [6, 12, 18, 20])
        #expect(heard.values.allSatisfy { $0.lastPosition == 20 })
    }

    /// Also where the filter leaves out the last event.
    @Test func progressOfAFilteredQueryReachesTheEnd() async throws {
        try await fill(3)
        let heard = Gathered<PlayerProgress>()
        try await Player(store: store).play(EventQuery(eventTypes: ["Named"])) { heard.add($0) }
        #expect(heard.values.last?.position == 6 && heard.values.last?.eventCount == 3)
    }

    @Test func handlersOfOneNameAreToldApart() async throws {
        try await fill(2)
        var player = Player(store: store)
        for _ in 0 ..< 3 { player.on(Named.self) { _, _ in } }
        let report = try await player.play()
        #expect(report.eventCountsByHandler == ["Named": 2, "Named 2": 2, "Named 3": 2])
    }

    @Test func undecodablePayloadStopsAtItsHandler() async throws {
        _ = try await store.append(
            Commit(events: [NewEvent(aggregateID: id, type: "Named", payload: Data("[]".utf8))]))
        var player = Player(store: store)
        player.on(Named.self) { _, _ in }
        let error = await #expect(throws: PlayerError.self) { try await player.play() }
        #expect(error?.position == 1 && error?.cause is EventCodingError)
    }

    @Test func backwardsAndClosedStoresAreRefused() async throws {
        try await fill(1)
        await #expect(throws: PlayerError.self) {
            try await Player(store: store).play(EventQuery(direction: .backwards))
        }
        store.close()
        let error = await #expect(throws: PlayerError.self) { try await Player(store: store).play() }
        #expect((error?.cause as? StoreError)?.code == .closed)
    }
}
