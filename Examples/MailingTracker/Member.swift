// Somebody who gets mailings.

import Recall

/// A member of an account.
struct Member: Entity {
    static let aggregateType: AggregateType = "Member"

    var lifecycle: EntityLifecycle
    var address = ""

    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }

    init(id: AggregateID, address: String) {
        self.init(id: id)
        self.address = address
    }

    mutating func apply(_ event: MemberEvent) {
        switch event {
        case .addressChanged(let changed): address = changed.address
        }
    }
}

/// All that can happen to a member.
enum MemberEvent: Event {
    case addressChanged(MemberAddressChanged)

    var payload: any EventPayload {
        switch self {
        case .addressChanged(let payload): payload
        }
    }

    static let cases = [EventCase(Self.addressChanged)]
}

struct MemberAddressChanged: EventPayload {
    static let eventType: EventType = "MemberAddressChanged"
    var address: String
}
