// The functional style: a decider is kept as any aggregate is, with its first command as with its last.

import Foundation
import Recall
import RecallTestKit
import RecallTesting
import Testing

private enum TillEvent: Event, Equatable {
    case opened
    case paid(cents: Int)
    enum CodingKeys: String, CodingKey, CaseIterable { case opened = "TillOpened", paid = "TillPaid" }
}

private struct TillState: Codable, Equatable, Sendable {
    var isOpen = false
    var cents = 0
}

private enum Till: Decider {
    enum Command { case open, pay(cents: Int) }
    enum Refusal: Error, Equatable { case closed }
    static let aggregateType: AggregateType = "Till"
    static let initialState = TillState()

    static func decide(_ command: Command, in state: TillState) throws(Refusal) -> [TillEvent] {
        switch command {
        case .open: return state.isOpen ? [] : [.opened]
        case .pay(let cents):
            if !state.isOpen { throw .closed }
            return [.paid(cents: cents)]
        }
    }

    static func evolve(_ state: inout TillState, with event: TillEvent) {
        switch event {
        case .opened: state.isOpen = true
        case .paid(let cents): state.cents += cents
        }
    }
}

struct DeciderTests {
    let store = FaultyEventStore()
    let id = AggregateID()

    @Test func commandsAreDecidedOnTheStateThatIsStored() async throws {
        let tills = Repository<Decided<Till>>(eventStore: store)
        await #expect(throws: Till.Refusal.closed) { try await tills.decide(.pay(cents: 1), on: id) }
        let opened = try await tills.decide(.open, on: id, metadata: ["user": "fry"])
        #expect(
            opened.result == [.opened] && opened.receipt.lastPosition == 1 && opened.aggregate.state.isOpen)
        let nothing = try await tills.decide(.open, on: id)
        #expect(nothing.result == [] && nothing.receipt.commit == nil && nothing.aggregate.state.isOpen)
        // Somebody else is faster: it is decided again.
        store.change { state in
            state.beforeNextAppend = { [store, id] in
                _ = try await Repository<Decided<Till>>(eventStore: store.inner).decide(
                    .pay(cents: 10), on: id)
            }
        }
        let paid = try await tills.decide(.pay(cents: 5), on: id)
        #expect(paid.aggregate.state.cents == 15 && paid.aggregate.version == 3)
        let event = try #require(try await store.read(EventQuery(.aggregate(id))).events.first)
        #expect(
            event.aggregateType == "Till" && event.type == "TillOpened"
                && event.metadata.values["user"] == "fry")
        #expect(try await Repository<Decided<Till>>(eventStore: store).load(id) == paid.aggregate)
    }

    @Test func manyDecideAtOnceAndNothingIsLost() async throws {
        let tills = Repository<Decided<Till>>(eventStore: store)
        try await withThrowingTaskGroup { group in
            for _ in 0 ..< 50 {
                group.addTask { [id] in
                    try await tills.decide(.open, on: id)
                    try await tills.decide(.pay(cents: 1), on: id)
                }
            }
            try await group.waitForAll()
        }
        let till = try await tills.load(id)
        #expect(till.state.cents == 50 && till.version == 51)
    }

    @Test func snapshotsHoldTheStateAndUnitsTakeDeciders() async throws {
        var configuration = RepositoryConfiguration(eventStore: store, snapshotStore: MemorySnapshotStore())
        configuration.snapshotFrequency = 2
        let (tills, accounts) = (
            Repository<Decided<Till>>(configuration), Repository<BankAccount>(eventStore: store)
        )
        let saved = try await UnitOfWork.commit { unit in
            try await tills.decide(.open, on: id, in: unit)
            try await tills.decide(.pay(cents: 7), on: id, in: unit)
            try await accounts.create(in: unit) { $0.stage(.opened(cents: 7)) }
        }
        #expect(saved.receipt.lastPosition == 3)
        #expect(try await configuration.snapshotStore?.latest(of: id)?.version == 2)
        tills.removeAllFromMemory()
        #expect(try await tills.load(id).state == TillState(isOpen: true, cents: 7))
    }

    @Test func routersGetWhatWasDecided() async throws {
        struct Broken: Error {}
        var router = CallbackRouter()
        router.on(TillEvent.self) { event, _ in if event == .opened { throw Broken() } }
        let configuration = RepositoryConfiguration(eventStore: store, router: router)
        let tills = Repository<Decided<Till>>(configuration)
        #expect(try await tills.decide(.open, on: id).receipt.routing.unrouted?.positions == 1 ... 1)
        guard case .routed = try await tills.decide(.pay(cents: 1), on: id).receipt.routing else {
            Issue.record("was not routed")
            return
        }
    }

    @Test func scenariosTakeDeciders() async throws {
        let till = Scenario<Decided<Till>>().given(.opened)
        try await till.when { try $0.decide(.pay(cents: 3)) }.then(.paid(cents: 3))
        try await Scenario<Decided<Till>>().when { try $0.decide(.pay(cents: 3)) }.thenRefused(
            with: Till.Refusal.closed)
    }
}
