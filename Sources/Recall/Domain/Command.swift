// What somebody asks of an aggregate. A command may be refused; the events it leads to may not.

/// A request to an aggregate, which the domain carries out or refuses with an error of its own.
///
///     struct PromoteEmployee: Command {
///         var employeeID: AggregateID
///         var title: String
///
///         func execute(on company: inout Company) throws(CompanyRefusal) {
///             try company.promote(employeeID, to: title)
///         }
///     }
public protocol Command: Sendable {
    /// The aggregate that the command is for.
    associatedtype Target: AggregateRoot
    /// The domain's reasons to refuse it.
    associatedtype Refusal: Error = Never

    /// Stages the events that the command leads to.
    /// - Throws: the domain's reason to refuse it; then nothing that was staged is kept.
    func execute(on target: inout Target) throws(Refusal)
}
