// What is bought: an order with its lines, which are entities of their own, since each can be sent by itself.

import Recall

enum OrderEvent: Event, Equatable {
    case placed(customer: AggregateID)
    case lineAdded(line: AggregateID, product: AggregateID, quantity: Int)

    enum CodingKeys: String, CodingKey, CaseIterable {
        case placed = "OrderPlaced", lineAdded = "OrderLineAdded"
    }

    /// At first a line was for one piece.
    static let schemaVersions: [CodingKeys: UInt32] = [.lineAdded: 2]
}

struct Order: AggregateRoot {
    static let aggregateType: AggregateType = "Order"
    static let children: [EntityChildren<Order>] = [.list(\.lines)]
    var lifecycle: EntityLifecycle
    private(set) var customer: AggregateID?
    var lines = EntityList<OrderLine>()

    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }

    mutating func apply(_ event: OrderEvent) {
        switch event {
        case .placed(let customer): self.customer = customer
        case .lineAdded(let line, let product, let quantity):
            lines.insert(OrderLine(id: line, product: product, quantity: quantity))
        }
    }
}

enum OrderLineEvent: Event, Equatable {
    case sent(parcel: String)
    enum CodingKeys: String, CodingKey, CaseIterable { case sent = "OrderLineSent" }
}

struct OrderLine: Entity {
    static let aggregateType: AggregateType = "OrderLine"
    var lifecycle: EntityLifecycle
    private(set) var product: AggregateID?
    private(set) var quantity = 0
    private(set) var parcel: String?

    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }

    init(id: AggregateID, product: AggregateID, quantity: Int) {
        self.init(id: id)
        (self.product, self.quantity) = (product, quantity)
    }

    mutating func apply(_ event: OrderLineEvent) {
        switch event {
        case .sent(let parcel): self.parcel = parcel
        }
    }
}
