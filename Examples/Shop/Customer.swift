// Who buys. That an e-mail address belongs to one customer is no rule of a customer, who knows no other: each address is an aggregate of its
// own, whose id follows from it, so that two who want the same one meet there.

import Recall

enum CustomerEvent: Event, Equatable {
    case registered(email: String)
    case emailChanged(email: String)

    enum CodingKeys: String, CodingKey, CaseIterable {
        case registered = "CustomerRegistered", emailChanged = "CustomerEmailChanged"
    }
}

struct Customer: AggregateRoot {
    static let aggregateType: AggregateType = "Customer"
    var lifecycle: EntityLifecycle
    private(set) var email = ""

    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }

    mutating func apply(_ event: CustomerEvent) {
        switch event {
        case .registered(let email), .emailChanged(let email): self.email = email
        }
    }
}

enum EmailAddressEvent: Event, Equatable {
    case claimed(by: AggregateID)
    case released

    enum CodingKeys: String, CodingKey, CaseIterable {
        case claimed = "EmailAddressClaimed", released = "EmailAddressReleased"
    }
}

struct EmailAddress: AggregateRoot {
    struct Taken: Error, Equatable {}

    static let aggregateType: AggregateType = "EmailAddress"
    var lifecycle: EntityLifecycle
    private(set) var owner: AggregateID?

    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }

    static func id(of email: String) -> AggregateID {
        AggregateID(of: aggregateType, named: email.lowercased())
    }

    mutating func claim(by customer: AggregateID) throws(Taken) {
        if owner == customer { return }
        if owner != nil { throw Taken() }
        stage(.claimed(by: customer))
    }

    mutating func apply(_ event: EmailAddressEvent) {
        switch event {
        case .claimed(let customer): owner = customer
        case .released: owner = nil
        }
    }
}
