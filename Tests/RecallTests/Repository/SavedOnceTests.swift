// What is stored, told apart from what was routed. `update`, `create` and `perform` threw `notRouted` after the events were
// stored: whoever took an error for "not stored" and tried again, as a relay does with its handlers, stored everything twice.

import Foundation
import Recall
import RecallTestKit
import Synchronization
import Testing

struct SavedOnceTests {
    struct Down: RoutingFailure { var isTransient: Bool { true } }

    let store = FaultyEventStore()
    let ids = AgencyIDs()

    func repository(_ router: any EventRouter, _ change: (inout RepositoryConfiguration) -> Void = { _ in })
        -> Repository<Agency>
    {
        var configuration = RepositoryConfiguration(eventStore: store, router: router)
        change(&configuration)
        return Repository(configuration)
    }

    var routerThatIsDown: CallbackRouter {
        var router = CallbackRouter()
        router.onAll { _ in throw Down() }
        return router
    }

    @Test func routerThatIsDownMakesNoCallFail() async throws {
        struct Rename: Command {
            func execute(on agency: inout Agency) { agency.rename("by command") }
        }
        let heard = Gathered<UnroutedEvents>()
        let repository = repository(routerThatIsDown) { $0.onUnrouted = { heard.add($0) } }
        var receipts = [try await repository.create(ids.agency) { $0.rename("a") }.receipt]
        receipts.append(try await repository.update(ids.agency) { $0.rename("b") }.receipt)
        receipts.append(try await repository.perform(Rename(), on: ids.agency).receipt)
        receipts.append(try await repository.perform(Rename(), creating: AggregateID()).receipt)
        var loaded = try await repository.load(ids.agency)
        loaded.rename("c")
        receipts.append(try await repository.save(&loaded))
        #expect(receipts.map(\.lastPosition) == [1, 2, 3, 4, 5])
        let positions = (1 ... 5).map { Position($0) ... Position($0) }
        #expect(receipts.compactMap(\.routing.unrouted?.positions) == positions)
        #expect(receipts.allSatisfy { $0.routing.unrouted?.cause is EventRoutingError })
        // Whoever does not look at receipts hears of it, too.
        #expect(heard.values.map(\.positions) == positions)
        #expect(try await store.lastPosition() == 5)
    }

    /// A handler that is fed by a relay updates an aggregate through a repository with a router of its own, which is down.
    @Test func handlerFedByARelayNeverAppendsTwice() async throws {
        let bench = RelayBench()
        try await bench.append([1, 2, 3])
        let repository = repository(routerThatIsDown)
        try await repository.create(ids.agency) { $0.rename("first") }
        var handlers = CallbackRouter()
        handlers.onAll { [ids] event in
            try await repository.update(ids.agency) { $0.rename("after \(event.position)") }
        }
        var configuration = RelayConfiguration()
        configuration.sleep = { _ in }
        let relay = try Relay(
            reading: bench.store, feeding: handlers, keepingStateIn: bench.state, configuration: configuration
        )
        try await relay.drain()
        #expect(try await bench.state.load().cursor == 3)
        #expect(try await relay.parked().isEmpty)
        #expect(try await repository.load(ids.agency).version == 4)
    }

    @Test func whatWasNotRoutedIsRoutedFromTheStore() async throws {
        let isDown = Mutex(true)
        let routed = Gathered<RecordedEvent>()
        var router = CallbackRouter()
        router.onAll { event in
            if event.position == 3, isDown.withLock({ $0 }) { throw Down() }
            routed.add(event)
        }
        let repository = repository(router)
        var agency = ids.staged()
        let unrouted = try #require(try await repository.save(&agency).routing.unrouted)
        #expect(unrouted.positions == 3 ... 6 && unrouted.aggregateID == ids.agency)
        guard case .failed(let again) = try await repository.routeAgain(unrouted) else {
            Issue.record("It was routed though the router is down.")
            return
        }
        #expect(again.positions == 3 ... 6)
        isDown.withLock { $0 = false }
        guard case .routed = try await repository.routeAgain(again) else {
            Issue.record("It was not routed though the router is up.")
            return
        }
        #expect(try await routed.values == store.read(EventQuery()).events)
    }

    @Test func receiptOfNothingSaysSo() async throws {
        let repository = repository(routerThatIsDown)
        try await repository.create(ids.agency) { $0.rename("a") }
        let saved = try await repository.update(ids.agency) { $0.name }
        #expect(saved.result == "a" && saved.receipt.commit == nil && saved.receipt.lastPosition == nil)
        guard case .nothingToRoute = saved.receipt.routing else {
            Issue.record("Something was routed.")
            return
        }
    }

    /// What fails after the append is no reason to say that nothing is stored.
    @Test func failureToReadWhatIsStoredIsNoFailureToStore() async throws {
        let routed = Gathered<Position>()
        var router = CallbackRouter()
        router.onAll { routed.add($0.position) }
        let repository = repository(router)
        var agency = ids.staged()
        store.change { $0.losesNextAnswer = true }
        await #expect(throws: RepositoryError.self) { try await repository.save(&agency) }
        // The events are to be read for their times, and cannot be.
        store.change { $0.readErrors = [StoreError(.unavailable, "The store cannot be read.")] }
        let receipt = try await repository.save(&agency)
        #expect(receipt.commit?.wasStoredBefore == true && !agency.hasStagedEvents)
        let unrouted = try #require(receipt.routing.unrouted)
        #expect(unrouted.positions == 1 ... 6 && routed.values.isEmpty)
        try await repository.routeAgain(unrouted)
        #expect(routed.values == [1, 2, 3, 4, 5, 6])
        agency.rename("goes on")
        try await repository.save(&agency)
        #expect(try await repository.load(ids.agency) == agency)
    }

    @Test func failureToReloadAChildThatCameBackIsNoFailureToStore() async throws {
        let repository = Repository<Agency>(eventStore: store)
        var agency = ids.staged()
        agency.offices[ids.office]?.rename("first")
        try await repository.save(&agency)
        try await repository.update(ids.agency) { $0.remove(ids.office) }
        agency = try await repository.load(ids.agency)
        agency.addOffice(ids.office)
        agency.offices[ids.office]?.rename("second")
        // The first append meets the conflict, the second one is stored, and then the root is to be read anew.
        let appendCount = Mutex(0)
        store.change { state in
            state.beforeEachAppend = { [store] in
                let count = appendCount.withLock {
                    $0 += 1; return $0
                }
                if count != 2 { return }
                store.change { $0.readErrors = [StoreError(.unavailable, "The store cannot be read.")] }
            }
        }
        let receipt = try await repository.save(&agency)
        #expect(receipt.lastPosition == 10 && !agency.hasStagedEvents)
        let loaded = try await repository.load(ids.agency)
        #expect(loaded.offices[ids.office]?.name == "second" && loaded.offices[ids.office]?.version == 2)
    }

    /// A payload that encodes itself differently each time, as a set may, was refused with `eventIDReused` by a second save.
    @Test func secondSaveSendsTheBytesOfTheFirst() async throws {
        let repository = Repository<Fickle>(eventStore: store)
        var fickle = Fickle(id: ids.agency)
        fickle.stage(.counted(Counted()))
        store.change { $0.losesNextAnswer = true }
        await #expect(throws: RepositoryError.self) {
            try await repository.save(&fickle, metadata: ["correlationId": "first"])
        }
        // Nor does it matter what is said the second time.
        let receipt = try await repository.save(&fickle, metadata: ["correlationId": "second"])
        #expect(receipt.commit?.wasStoredBefore == true)
        #expect(try await store.lastPosition() == 1)
        let stored = try #require(try await store.read(EventQuery()).events.first)
        #expect(stored.metadata.correlationID == "first")
    }
}

/// What comes out differently each time, tags included.
struct Counted: EventPayload {
    static let eventType: EventType = "Counted"
    private static let count = Atomic(0)
    private static var next: Int { count.add(1, ordering: .relaxed).newValue }

    var tags: [EventTag] { ["number:\(Self.next)"] }

    init() {}
    init(from decoder: any Decoder) throws {}
    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(["number": Self.next])
    }
}

struct Fickle: AggregateRoot {
    enum FickleEvent: Event {
        case counted(Counted)
        var payload: any EventPayload {
            switch self {
            case .counted(let payload): payload
            }
        }
        static let cases = [EventCase(Self.counted)]
    }
    static let aggregateType: AggregateType = "Fickle"
    var lifecycle: EntityLifecycle
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
    mutating func apply(_ event: FickleEvent) {}
}
