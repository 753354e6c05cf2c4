// The facts that can happen to one kind of entity, as an enum, so that the compiler finds the case
// that `apply` forgot.

/// All that can happen to an entity: an enum whose cases hold one payload each.
///
///     enum CompanyEvent: Event {
///         case founded(CompanyFounded)
///         case hired(EmployeeHired)
///
///         var payload: any EventPayload {
///             switch self {
///             case .founded(let payload): payload
///             case .hired(let payload): payload
///             }
///         }
///
///         static let cases = [EventCase(Self.founded), EventCase(Self.hired)]
///     }
public protocol Event: Sendable {
    /// The payload that the case holds.
    var payload: any EventPayload { get }

    /// How stored events become cases again. An event whose payload is not among them is refused when
    /// it is saved, so that nothing is stored that cannot be read.
    static var cases: [EventCase<Self>] { get }
}
