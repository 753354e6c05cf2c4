// What an account tells its members, in one or more mailings.

import Recall

/// A campaign of an account.
struct Campaign: Entity {
    static let aggregateType: AggregateType = "Campaign"
    static let children: [EntityChildren<Campaign>] = [.list(\.mailings)]

    var lifecycle: EntityLifecycle
    var title = ""
    var mailings = EntityList<Mailing>()

    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }

    init(id: AggregateID, title: String) {
        self.init(id: id)
        self.title = title
    }

    mutating func apply(_ event: CampaignEvent) {
        switch event {
        case .mailingSent(let sent): mailings.insert(Mailing(id: sent.mailingID, subject: sent.subject))
        }
    }
}

/// All that can happen to a campaign.
enum CampaignEvent: Event {
    case mailingSent(MailingSent)

    var payload: any EventPayload {
        switch self {
        case .mailingSent(let payload): payload
        }
    }

    static let cases = [EventCase(Self.mailingSent)]
}

struct MailingSent: EventPayload {
    static let eventType: EventType = "MailingSent"
    var mailingID: AggregateID
    var subject: String
}
