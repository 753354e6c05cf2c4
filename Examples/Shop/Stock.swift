// How much there is of a product. Its id is the product's.

import Recall

enum StockEvent: Event, Equatable {
    case delivered(quantity: Int)
    /// Was stored as "StockReserved" at first.
    case taken(quantity: Int)

    enum CodingKeys: String, CodingKey, CaseIterable {
        case delivered = "StockDelivered", taken = "StockTaken"
    }
}

struct Stock: AggregateRoot {
    struct TooFew: Error, Equatable {
        let left: Int
    }

    static let aggregateType: AggregateType = "Stock"
    var lifecycle: EntityLifecycle
    private(set) var quantity = 0

    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }

    mutating func take(_ wanted: Int) throws(TooFew) {
        if wanted > quantity { throw TooFew(left: quantity) }
        stage(.taken(quantity: wanted))
    }

    mutating func apply(_ event: StockEvent) {
        switch event {
        case .delivered(let quantity): self.quantity += quantity
        case .taken(let quantity): self.quantity -= quantity
        }
    }
}
