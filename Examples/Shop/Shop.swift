// The shop: what a customer can ask for. Each of these is one commit, however many aggregates it is about.

import Recall

struct Shop: Sendable {
    let customers: Repository<Customer>
    let addresses: Repository<EmailAddress>
    let orders: Repository<Order>
    let stock: Repository<Stock>

    /// Lines say how many since the second version, and a reservation is called what it always was.
    static let upcasters: Upcasters = [
        Upcaster(from: "OrderLineAdded", schemaVersion: 1) { payload in payload["quantity"] = 1 },
        Upcaster(from: "StockReserved", schemaVersion: 1, to: "StockTaken"),
    ]

    init(_ configuration: RepositoryConfiguration) {
        var configuration = configuration
        configuration.coder.upcasters = Self.upcasters
        customers = Repository(configuration)
        addresses = Repository(configuration)
        orders = Repository(configuration)
        stock = Repository(configuration)
    }

    /// Refused with `EmailAddress.Taken` where another customer has the address.
    func register(_ customer: AggregateID, email: String) async throws {
        try await UnitOfWork.commit { unit in
            try await addresses.createOrUpdate(EmailAddress.id(of: email), in: unit) {
                try $0.claim(by: customer)
            }
            try await customers.create(customer, in: unit) { $0.stage(.registered(email: email)) }
        }
    }

    /// The old address is free from then on.
    func changeEmail(of customer: AggregateID, to email: String) async throws {
        try await UnitOfWork.commit { unit in
            let old = try await customers.load(customer, in: unit).email
            try await addresses.update(EmailAddress.id(of: old), in: unit) { $0.stage(.released) }
            try await addresses.createOrUpdate(EmailAddress.id(of: email), in: unit) {
                try $0.claim(by: customer)
            }
            try await customers.update(customer, in: unit) { $0.stage(.emailChanged(email: email)) }
        }
    }

    /// Refused with `Stock.TooFew`, as a whole. A request that comes again, from a client that got no answer, orders nothing twice.
    func order(
        _ wanted: [AggregateID: Int], for customer: AggregateID, as order: AggregateID, request: String
    ) async throws {
        try await UnitOfWork.commit(idempotencyKey: request) { unit in
            _ = try await customers.load(customer, in: unit)
            try await orders.create(order, in: unit) { order in
                order.stage(.placed(customer: customer))
                for (product, quantity) in wanted {
                    order.stage(.lineAdded(line: AggregateID(), product: product, quantity: quantity))
                }
            }
            for (product, quantity) in wanted {
                try await stock.update(product, in: unit) { try $0.take(quantity) }
            }
        }
    }
}
