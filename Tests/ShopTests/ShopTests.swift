// The shop of a newcomer: its decisions as scenarios, and what spans aggregates on a store in memory.

import Foundation
import Recall
import RecallTesting
import Testing

@testable import Shop

struct ShopTests {
    let store = MemoryEventStore()
    let fry = AggregateID(), leela = AggregateID()
    let order = AggregateID(), hats = AggregateID(), boots = AggregateID()

    func shop() -> Shop { Shop(RepositoryConfiguration(eventStore: store)) }

    @Test func stockIsTakenWhileThereIsEnough() async throws {
        let stock = Scenario<Stock>().given(.delivered(quantity: 3))
        try await stock.when { try $0.take(2) }.then(.taken(quantity: 2))
        try await stock.when { try $0.take(4) }.thenRefused(with: Stock.TooFew(left: 3))
    }

    @Test func aLineIsSent() async throws {
        try await Scenario<Order>()
            .given(.placed(customer: fry), .lineAdded(line: boots, product: hats, quantity: 1))
            .when { [boots] order in order.lines[boots]?.stage(.sent(parcel: "P-1")) }
            .then([.child(OrderLine.self, boots, .sent(parcel: "P-1"))])
    }

    @Test func anAddressBelongsToOne() async throws {
        try await shop().register(fry, email: "fry@planet.express")
        await #expect(throws: EmailAddress.Taken()) {
            try await shop().register(leela, email: "Fry@Planet.Express")
        }
        await #expect { try await shop().customers.load(leela) } throws: {
            ($0 as? RepositoryError)?.code == .notFound
        }
        try await shop().changeEmail(of: fry, to: "philip@planet.express")
        try await shop().register(leela, email: "fry@planet.express")
        #expect(try await shop().customers.load(fry).email == "philip@planet.express")
    }

    @Test func anOrderTakesAllOrNothingAndOnce() async throws {
        let shop = shop()
        try await shop.register(fry, email: "fry@planet.express")
        for product in [hats, boots] {
            try await shop.stock.create(product) { $0.stage(.delivered(quantity: 2)) }
        }
        await #expect(throws: Stock.TooFew(left: 2)) {
            try await shop.order([hats: 1, boots: 3], for: fry, as: order, request: "r1")
        }
        #expect(try await shop.stock.load(hats).quantity == 2)
        // The second time there would be too few, and the order is there.
        for _ in 0 ..< 2 {
            try await self.shop().order([hats: 2, boots: 1], for: fry, as: order, request: "r2")
        }
        #expect(try await shop.stock.load(hats).quantity == 0)
        #expect(try await shop.orders.load(order).lines.count == 2)
    }

    @Test func eventsOfTheFirstProgramAreRead() async throws {
        func event(_ id: AggregateID, _ type: EventType, _ payload: String) -> NewEvent {
            NewEvent(aggregateID: id, type: type, payload: Data(payload.utf8))
        }
        _ = try await store.append(
            Commit(events: [
                event(hats, "StockDelivered", #"{"quantity":2}"#),
                event(hats, "StockReserved", #"{"quantity":1}"#),
                event(order, "OrderPlaced", #"{"customer":"\#(fry)"}"#),
                event(order, "OrderLineAdded", #"{"line":"\#(boots)","product":"\#(hats)"}"#),
            ]))
        #expect(try await shop().stock.load(hats).quantity == 1)
        #expect(try await shop().orders.load(order).lines[boots]?.quantity == 1)
    }
}
