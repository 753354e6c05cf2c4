// Why a company says no. These errors reach the caller of the repository as they are.

public import Recall

/// The reasons to refuse a command.
public enum CompanyRefusal: Error, Hashable {
    case alreadyFounded
    case notFounded
    case nameMissing
    case alreadyEmployed(name: String)
    case notEmployed(id: AggregateID)
}
