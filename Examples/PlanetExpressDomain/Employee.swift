// A child entity: it has its own identity, version and stream, and is saved with its company.

public import Recall

/// Somebody who works for a company.
public struct Employee: Entity {
    public static let aggregateType: AggregateType = "Employee"

    public var lifecycle: EntityLifecycle
    public private(set) var name = ""
    public private(set) var title = ""

    public init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }

    init(id: AggregateID, name: String, title: String) {
        self.init(id: id)
        self.name = name
        self.title = title
    }

    mutating func promote(to title: String) {
        stage(.promoted(EmployeePromoted(title: title)))
    }

    public mutating func apply(_ event: EmployeeEvent) {
        switch event {
        case .promoted(let promoted): title = promoted.title
        }
    }
}

/// All that can happen to an employee.
public enum EmployeeEvent: Event {
    case promoted(EmployeePromoted)

    public var payload: any EventPayload {
        switch self {
        case .promoted(let payload): payload
        }
    }

    public static let cases = [EventCase(Self.promoted)]
}

/// An employee got another title.
public struct EmployeePromoted: EventPayload {
    public static let eventType: EventType = "EmployeePromoted"
    public var title: String
}
