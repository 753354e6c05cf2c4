// The aggregate of the story: a company and the people it employs. Its invariants hold over the whole
// graph, which is why the people are its children and are saved with it.

public import Recall

/// A company with its employees.
public struct Company: AggregateRoot {
    public static let aggregateType: AggregateType = "Company"
    public static let children: [EntityChildren<Company>] = [.list(\.employees)]

    public var lifecycle: EntityLifecycle
    public private(set) var name = ""
    public internal(set) var employees = EntityList<Employee>()

    public init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }

    /// Founds the company.
    public mutating func found(name: String) throws(CompanyRefusal) {
        if version != .beforeFirst { throw .alreadyFounded }
        if name.isEmpty { throw .nameMissing }
        stage(.founded(CompanyFounded(name: name)))
    }

    /// Employs somebody.
    /// - Returns: who that is from now on.
    @discardableResult
    public mutating func hire(
        _ name: String, as title: String, id: AggregateID = AggregateID()
    ) throws(CompanyRefusal) -> AggregateID {
        if version == .beforeFirst { throw .notFounded }
        if name.isEmpty || title.isEmpty { throw .nameMissing }
        if employees.contains(where: { $0.name == name }) { throw .alreadyEmployed(name: name) }
        stage(.hired(EmployeeHired(employeeID: id, name: name, title: title)))
        return id
    }

    /// Gives an employee another title.
    public mutating func promote(_ employeeID: AggregateID, to title: String) throws(CompanyRefusal) {
        guard let employee = employees[employeeID] else { throw .notEmployed(id: employeeID) }
        if title.isEmpty { throw .nameMissing }
        // Asking for what is already so leads to no event.
        if employee.title == title { return }
        employees[employeeID]?.promote(to: title)
    }

    public mutating func apply(_ event: CompanyEvent) {
        switch event {
        case .founded(let founded):
            name = founded.name
        case .hired(let hired):
            employees.insert(Employee(id: hired.employeeID, name: hired.name, title: hired.title))
        }
    }
}
