// What can happen to a company, under the names that are stored.

public import Recall

/// All that can happen to a company.
public enum CompanyEvent: Event {
    case founded(CompanyFounded)
    case hired(EmployeeHired)

    public var payload: any EventPayload {
        switch self {
        case .founded(let payload): payload
        case .hired(let payload): payload
        }
    }

    public static let cases = [EventCase(Self.founded), EventCase(Self.hired)]
}

/// A company came to be.
public struct CompanyFounded: EventPayload {
    public static let eventType: EventType = "CompanyFounded"
    public var name: String
}

/// Somebody joined the company.
public struct EmployeeHired: EventPayload {
    public static let eventType: EventType = "EmployeeHired"
    public var employeeID: AggregateID
    public var name: String
    public var title: String
}
