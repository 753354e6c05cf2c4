// A small domain for what must hold over several aggregates: money that goes from one account to another, and a book with its lines.

package import Recall

package enum BankAccountEvent: Event, Equatable {
    case opened(cents: Int)
    case withdrawn(cents: Int)
    case deposited(cents: Int)

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case opened = "AccountOpened", withdrawn = "MoneyWithdrawn", deposited = "MoneyDeposited"
    }
}

/// An account that cannot be overdrawn.
package struct BankAccount: AggregateRoot, Equatable {
    package struct Overdrawn: Error, Equatable {
        package let cents: Int
        package init(cents: Int) { self.cents = cents }
    }

    package static let aggregateType: AggregateType = "BankAccount"
    package var lifecycle: EntityLifecycle
    package private(set) var cents = 0

    package init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }

    package mutating func withdraw(_ amount: Int) throws(Overdrawn) {
        if amount > cents { throw Overdrawn(cents: cents) }
        stage(.withdrawn(cents: amount))
    }

    package mutating func deposit(_ amount: Int) { stage(.deposited(cents: amount)) }

    package mutating func apply(_ event: BankAccountEvent) {
        switch event {
        case .opened(let amount): cents = amount
        case .withdrawn(let amount): cents -= amount
        case .deposited(let amount): cents += amount
        }
    }
}

package enum BankBookEvent: Event, Equatable {
    case begun
    case lineAdded(id: AggregateID)
    case lineRemoved(id: AggregateID)

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case begun = "BookBegun", lineAdded = "LineAdded", lineRemoved = "LineRemoved"
    }
}

package enum BankBookLineEvent: Event, Equatable {
    case noted(String)
    package enum CodingKeys: String, CodingKey, CaseIterable { case noted = "LineNoted" }
}

package struct BankBookLine: Entity, Equatable {
    package static let aggregateType: AggregateType = "BankBookLine"
    package var lifecycle: EntityLifecycle
    package private(set) var text = ""

    package init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }

    package mutating func apply(_ event: BankBookLineEvent) {
        switch event {
        case .noted(let text): self.text = text
        }
    }
}

/// A book whose lines are entities of their own.
package struct BankBook: AggregateRoot, Equatable {
    package static let aggregateType: AggregateType = "BankBook"
    package static let children: [EntityChildren<BankBook>] = [.list(\.lines)]
    package var lifecycle: EntityLifecycle
    package var lines = EntityList<BankBookLine>()

    package init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }

    package mutating func note(_ text: String, as id: AggregateID = AggregateID()) {
        stage(.lineAdded(id: id))
        lines[id]?.stage(.noted(text))
    }

    package mutating func apply(_ event: BankBookEvent) {
        switch event {
        case .begun: break
        case .lineAdded(let id): lines.insert(BankBookLine(id: id))
        case .lineRemoved(let id): lines.remove(id)
        }
    }
}
