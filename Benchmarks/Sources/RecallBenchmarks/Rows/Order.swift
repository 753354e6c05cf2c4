// The aggregate that saves and loads through the whole library: the fields of the workload's events, as types.

import Recall

/// The event's payload: what the workload writes as JSON.
struct OrderChanged: EventPayload {
    struct Customer: Codable, Hashable, Sendable {
        var id: Int
        var name: String
        var city: String
    }

    static let eventType: EventType = "OrderPlaced"
    var orderNumber: Int
    var customer: Customer
    var item: String
    var quantity: Int
    var amountInCents: Int
    var currency: String
    var taxPercent: Int
    var reference: String
    var isGift: Bool
}

/// All that can happen to an order.
enum OrderEvent: Event {
    case changed(OrderChanged)

    static let cases = [EventCase(Self.changed)]
    var payload: any EventPayload {
        switch self {
        case .changed(let payload): payload
        }
    }
}

/// An order that keeps a little of each event.
struct Order: AggregateRoot {
    static let aggregateType: AggregateType = "Order"
    var lifecycle: EntityLifecycle
    private(set) var changeCount = 0
    private(set) var cents = 0

    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }

    mutating func apply(_ event: OrderEvent) {
        switch event {
        case .changed(let change):
            changeCount += 1
            cents += change.amountInCents * change.quantity
        }
    }
}
