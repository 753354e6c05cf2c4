// A graph three levels deep with two lists in its root: an agency has departments and offices, a
// department has teams, a team has members. Long enough for everything that can go wrong on the way.

import Foundation
import Recall

struct Named: EventPayload, Equatable {
    static let eventType: EventType = "Named"
    var name: String
    var tags: [EventTag] { ["name:\(name)"] }
}

struct Added: EventPayload, Equatable {
    static let eventType: EventType = "Added"
    var id: AggregateID
}

struct OfficeAdded: EventPayload, Equatable {
    static let eventType: EventType = "OfficeAdded"
    var id: AggregateID
}

struct Removed: EventPayload, Equatable {
    static let eventType: EventType = "Removed"
    var id: AggregateID
}

struct Dissolved: EventPayload, Equatable {
    static let eventType: EventType = "Dissolved"
}

/// What happens to anything that has a name and children.
enum NodeEvent: Event {
    case named(Named)
    case added(Added)
    case officeAdded(OfficeAdded)
    case removed(Removed)
    case dissolved(Dissolved)

    var payload: any EventPayload {
        switch self {
        case .named(let payload): payload
        case .added(let payload): payload
        case .officeAdded(let payload): payload
        case .removed(let payload): payload
        case .dissolved(let payload): payload
        }
    }

    static let cases = [
        EventCase(Self.named), EventCase(Self.added), EventCase(Self.officeAdded), EventCase(Self.removed),
        EventCase(Self.dissolved),
    ]
}

/// What all entities of the graph can do.
protocol Node: Entity, Equatable where Fact == NodeEvent {
    var name: String { get }
}

extension Node {
    mutating func rename(_ name: String) { stage(.named(Named(name: name))) }
    mutating func add(_ id: AggregateID) { stage(.added(Added(id: id))) }
    mutating func remove(_ id: AggregateID) { stage(.removed(Removed(id: id))) }
    mutating func dissolve() { stage(.dissolved(Dissolved())) }
}

struct Agency: AggregateRoot, Node {
    static let aggregateType: AggregateType = "Agency"
    static let children: [EntityChildren<Agency>] = [.list(\.departments), .list(\.offices)]
    var lifecycle: EntityLifecycle
    var name = ""
    var departments = EntityList<Department>()
    var offices = EntityList<Member>()

    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }

    mutating func addOffice(_ id: AggregateID) { stage(.officeAdded(OfficeAdded(id: id))) }

    mutating func apply(_ event: NodeEvent) {
        switch event {
        case .named(let named): name = named.name
        case .added(let added): departments.insert(Department(id: added.id))
        case .officeAdded(let added): offices.insert(Member(id: added.id))
        case .removed(let removed):
            departments.remove(removed.id)
            offices.remove(removed.id)
        case .dissolved: departments = EntityList()
        }
    }
}

struct Department: Node {
    static let aggregateType: AggregateType = "Department"
    static let children: [EntityChildren<Department>] = [.list(\.teams)]
    var lifecycle: EntityLifecycle
    var name = ""
    var teams = EntityList<Team>()

    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }

    mutating func apply(_ event: NodeEvent) {
        switch event {
        case .named(let named): name = named.name
        case .added(let added): teams.insert(Team(id: added.id))
        case .officeAdded: break
        case .removed(let removed): teams.remove(removed.id)
        case .dissolved: teams = EntityList()
        }
    }
}

struct Team: Node {
    static let aggregateType: AggregateType = "Team"
    static let children: [EntityChildren<Team>] = [.list(\.members)]
    var lifecycle: EntityLifecycle
    var name = ""
    var members = EntityList<Member>()

    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }

    mutating func apply(_ event: NodeEvent) {
        switch event {
        case .named(let named): name = named.name
        case .added(let added): members.insert(Member(id: added.id))
        case .officeAdded: break
        case .removed(let removed): members.remove(removed.id)
        case .dissolved: members = EntityList()
        }
    }
}

struct Member: Node {
    static let aggregateType: AggregateType = "Member"
    var lifecycle: EntityLifecycle
    var name = ""

    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }

    mutating func apply(_ event: NodeEvent) {
        if case .named(let named) = event { name = named.name }
    }
}

/// The identities of one agency, so that a test can name its parts.
struct AgencyIDs {
    let agency = AggregateID()
    let department = AggregateID()
    let team = AggregateID()
    let member = AggregateID()
    let office = AggregateID()

    /// An agency with one of each, all of it staged.
    func staged() -> Agency {
        var agency = Agency(id: agency)
        agency.rename("MI6")
        agency.add(department)
        agency.departments[department]?.add(team)
        agency.departments[department]?.teams[team]?.add(member)
        agency.departments[department]?.teams[team]?.members[member]?.rename("James")
        agency.addOffice(office)
        return agency
    }
}

extension Entity {
    /// The names that were staged, in order.
    var stagedNames: [String] { stagedEvents.compactMap { ($0 as? Named)?.name } }
}
