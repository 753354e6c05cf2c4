// What an event says. One struct for each kind of fact, with a name that is stored and therefore stays
// the same when the Swift type is renamed.

/// The content of one kind of event.
///
///     struct EmployeeHired: EventPayload {
///         static let eventType: EventType = "EmployeeHired"
///         var employeeID: AggregateID
///         var name: String
///     }
public protocol EventPayload: Codable, Sendable {
    /// The stable name under which the event is stored. Choose it once; never derive it from a type.
    static var eventType: EventType { get }

    /// The version of the payload's schema, from 1. Raise it when old payloads no longer decode, and
    /// register an `Upcaster` that brings them up to date.
    static var schemaVersion: UInt32 { get }

    /// Tags to store with the event, such as `company:planet-express`. None unless said otherwise.
    var tags: [EventTag] { get }
}

extension EventPayload {
    /// 1, until a payload says otherwise.
    public static var schemaVersion: UInt32 { 1 }
    /// No tags.
    public var tags: [EventTag] { [] }
}
