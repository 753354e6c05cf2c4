// What members do with a mailing: the events that there are most of.

import Recall

/// A mailing of a campaign.
struct Mailing: Entity {
    static let aggregateType: AggregateType = "Mailing"

    var lifecycle: EntityLifecycle
    var subject = ""
    var openedCount = 0
    var clickedCount = 0
    var sharedCount = 0

    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }

    init(id: AggregateID, subject: String) {
        self.init(id: id)
        self.subject = subject
    }

    mutating func apply(_ event: MailingEvent) {
        switch event {
        case .opened: openedCount += 1
        case .clicked: clickedCount += 1
        case .shared: sharedCount += 1
        }
    }
}

/// All that can happen to a mailing.
enum MailingEvent: Event {
    case opened(MailingOpened)
    case clicked(MailingClicked)
    case shared(MailingShared)

    var payload: any EventPayload {
        switch self {
        case .opened(let payload): payload
        case .clicked(let payload): payload
        case .shared(let payload): payload
        }
    }

    static let cases = [EventCase(Self.opened), EventCase(Self.clicked), EventCase(Self.shared)]
}

struct MailingOpened: EventPayload {
    static let eventType: EventType = "MailingOpened"
    var memberID: AggregateID
}

struct MailingClicked: EventPayload {
    static let eventType: EventType = "MailingClicked"
    var memberID: AggregateID
    var link: String
}

struct MailingShared: EventPayload {
    static let eventType: EventType = "MailingShared"
    var memberID: AggregateID
    var network: String
}
