// A graph with a place for one child beside lists: a firm has a head, or none, and staff; each of them may have an assistant. What is
// staged for somebody who is dismissed the next moment must be there all the same.

import Foundation
import Recall

enum FirmEvent: Event, Equatable {
    case appointed(id: AggregateID, name: String)
    case dismissed
    case hired(id: AggregateID)
    case assisted(by: AggregateID, of: AggregateID)

    enum CodingKeys: String, CodingKey, CaseIterable {
        case appointed = "HeadAppointed", dismissed = "HeadDismissed", hired = "StaffHired"
        case assisted = "StaffAssisted"
    }
}

enum PersonEvent: Event, Equatable {
    case titled(String)
    case assisted(by: AggregateID)
    case alone

    enum CodingKeys: String, CodingKey, CaseIterable {
        case titled = "PersonTitled", assisted = "PersonAssisted", alone = "PersonAlone"
    }
}

enum AssistantEvent: Event, Equatable {
    case noted(String)
    enum CodingKeys: String, CodingKey, CaseIterable { case noted = "AssistantNoted" }
}

struct Firm: AggregateRoot, Equatable {
    static let aggregateType: AggregateType = "Firm"
    static let children: [EntityChildren<Firm>] = [.list(\.staff), .child(\.head)]
    var lifecycle: EntityLifecycle
    var head: Person?
    var staff = EntityList<Person>()

    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }

    mutating func apply(_ event: FirmEvent) {
        switch event {
        case .appointed(let id, let name):
            head = Person(id: id)
            head?.name = name
        case .dismissed: head = nil
        case .hired(let id): staff.insert(Person(id: id))
        case .assisted(let assistant, let id): staff[id]?.assistant = Assistant(id: assistant)
        }
    }
}

struct Person: Entity, Equatable {
    static let aggregateType: AggregateType = "Person"
    static let children: [EntityChildren<Person>] = [.child(\.assistant)]
    var lifecycle: EntityLifecycle
    var name = ""
    var titles: [String] = []
    var assistant: Assistant?

    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }

    mutating func apply(_ event: PersonEvent) {
        switch event {
        case .titled(let title): titles.append(title)
        case .assisted(let id): assistant = Assistant(id: id)
        case .alone: assistant = nil
        }
    }
}

struct Assistant: Entity, Equatable {
    static let aggregateType: AggregateType = "Assistant"
    var lifecycle: EntityLifecycle
    var notes: [String] = []

    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }

    mutating func apply(_ event: AssistantEvent) {
        switch event {
        case .noted(let note): notes.append(note)
        }
    }
}
