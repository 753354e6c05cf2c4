// The aggregate: an account with its members and campaigns. Mailings are two levels down, and each has
// a stream of its own.

import Recall

/// An account that sends mailings.
struct Account: AggregateRoot {
    static let aggregateType: AggregateType = "Account"
    static let children: [EntityChildren<Account>] = [.list(\.members), .list(\.campaigns)]

    var lifecycle: EntityLifecycle
    var name = ""
    var members = EntityList<Member>()
    var campaigns = EntityList<Campaign>()

    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }

    mutating func apply(_ event: AccountEvent) {
        switch event {
        case .opened(let opened): name = opened.name
        case .memberJoined(let joined):
            members.insert(Member(id: joined.memberID, address: joined.address))
        case .campaignStarted(let started):
            campaigns.insert(Campaign(id: started.campaignID, title: started.title))
        }
    }
}

/// All that can happen to an account.
enum AccountEvent: Event {
    case opened(AccountOpened)
    case memberJoined(MemberJoined)
    case campaignStarted(CampaignStarted)

    var payload: any EventPayload {
        switch self {
        case .opened(let payload): payload
        case .memberJoined(let payload): payload
        case .campaignStarted(let payload): payload
        }
    }

    static let cases = [
        EventCase(Self.opened), EventCase(Self.memberJoined), EventCase(Self.campaignStarted),
    ]
}

struct AccountOpened: EventPayload {
    static let eventType: EventType = "AccountOpened"
    var name: String
}

struct MemberJoined: EventPayload {
    static let eventType: EventType = "MemberJoined"
    var memberID: AggregateID
    var address: String
}

struct CampaignStarted: EventPayload {
    static let eventType: EventType = "CampaignStarted"
    var campaignID: AggregateID
    var title: String
}
