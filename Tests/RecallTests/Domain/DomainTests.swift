// What a program knows of its events, given once, and what is found in it before the first event is.

import Foundation
import Recall
import RecallTestKit
import Testing

private struct SameName: AggregateRoot {
    static let aggregateType: AggregateType = "BankAccount"
    var lifecycle: EntityLifecycle
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
    mutating func apply(_ event: BankAccountEvent) {}
}

struct DomainTests {
    let store = MemoryEventStore()
    let id = AggregateID()

    let upcasters: Upcasters = [Upcaster(from: "CashPaidIn", schemaVersion: 1, to: "MoneyDeposited")]

    func message(_ domain: Domain) -> String {
        do throws(RepositoryError) { try domain.check() } catch {
            return error.code == .invalidModel ? error.message : "\(error.code)"
        }
        return ""
    }

    @Test func allWhoReadEventsReadThemAlike() async throws {
        let domain = Domain(BankAccount.self, coder: EventCoder(upcasters: upcasters, ignoring: ["Noise"]))
        try domain.check()
        _ = try await store.append(
            Commit(events: [
                NewEvent(
                    aggregateID: id, aggregateType: "BankAccount", type: "AccountOpened",
                    payload: Data(#"{"cents":1}"#.utf8)),
                NewEvent(aggregateID: id, aggregateType: "BankAccount", type: "Noise", payload: Data()),
                NewEvent(
                    aggregateID: id, aggregateType: "BankAccount", type: "CashPaidIn",
                    payload: Data(#"{"cents":4}"#.utf8)),
            ]))
        let accounts = Repository<BankAccount>(RepositoryConfiguration(eventStore: store, domain: domain))
        #expect(try await accounts.load(id).cents == 5)
        let heard = Gathered<BankAccountEvent>()
        var player = Player(store: store, domain: domain)
        player.on(BankAccountEvent.self) { event, _ in heard.add(event) }
        try await player.play()
        var router = CallbackRouter(domain: domain)
        router.on(BankAccountEvent.self) { event, _ in heard.add(event) }
        try await router.route(try await store.read(EventQuery()).events)
        #expect(
            heard.values == [
                .opened(cents: 1), .deposited(cents: 4), .opened(cents: 1), .deposited(cents: 4),
            ])
    }

    @Test func contradictionsAreFoundBeforeTheFirstEvent() {
        #expect(message(Domain(BankAccount.self, BankBook.self)) == "")
        #expect(message(Domain(BankAccount.self, SameName.self)).contains("both stored as BankAccount"))
        let ignoring = EventCoder().ignoring("MoneyDeposited")
        #expect(message(Domain(BankAccount.self, coder: ignoring)).contains("both a case of"))
        // A chain that ends at a name that was mistyped, and one that ends at a version that is no more.
        let mistyped = EventCoder(upcasters: [
            Upcaster(from: "CashPaidIn", schemaVersion: 1, to: "MoneyDeposit")
        ])
        #expect(
            message(Domain(BankAccount.self, coder: mistyped)).contains(
                "ends at \"MoneyDeposit\" (schema version 1)"))
        let dropped = EventCoder(upcasters: [Upcaster(dropping: "CashPaidIn", schemaVersion: 1)])
        #expect(message(Domain(BankAccount.self, coder: dropped)) == "")
        #expect(message(Domain(BankAccount.self, coder: mistyped.ignoring("MoneyDeposit"))) == "")
        let circle: Upcasters = [
            Upcaster(from: "A", schemaVersion: 1, to: "B"), Upcaster(from: "B", schemaVersion: 1, to: "A"),
        ]
        #expect(message(Domain(BankAccount.self, coder: EventCoder(upcasters: circle))).contains("come back"))
    }

    @Test func anAggregateIsLoadedWithoutItsType() async throws {
        let domain = Domain(BankAccount.self, BankBook.self)
        let (book, line) = (AggregateID(), AggregateID())
        try await Repository<BankAccount>(eventStore: store).create(id) { $0.stage(.opened(cents: 3)) }
        try await Repository<BankBook>(eventStore: store).create(book) { $0.note("x", as: line) }
        #expect((try await domain.load(id, from: store) as? BankAccount)?.cents == 3)
        #expect((try await domain.load(book, from: store) as? BankBook)?.lines[line]?.text == "x")
        func code(_ domain: Domain, _ id: AggregateID) async -> RepositoryError.Code? {
            do throws(RepositoryError) { _ = try await domain.load(id, from: store) } catch {
                return error.code
            }
            return nil
        }
        #expect(await code(domain, line) == .wrongAggregateType)
        #expect(await code(Domain(BankAccount.self), book) == .wrongAggregateType)
        #expect(await code(domain, AggregateID()) == .notFound)
    }
}
