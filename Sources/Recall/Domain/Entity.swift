// Things with an identity that change by events. An entity is a value: a command works on a copy, and
// a command that is refused leaves nothing behind because the copy is dropped.

/// Something with an identity and a stream of events of its own: an aggregate root or a child in one.
///
///     struct Employee: Entity {
///         static let aggregateType: AggregateType = "Employee"
///         var lifecycle: EntityLifecycle
///         var title = ""
///
///         init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
///
///         mutating func promote(to title: String) {
///             stage(.promoted(EmployeePromoted(title: title)))
///         }
///
///         mutating func apply(_ event: EmployeeEvent) {
///             switch event {
///             case .promoted(let promoted): title = promoted.title
///             }
///         }
///     }
public protocol Entity: Codable, Sendable, Identifiable where ID == AggregateID {
    /// What can happen to the entity.
    associatedtype Fact: Event

    /// The stable name under which the kind of entity is stored.
    static var aggregateType: AggregateType { get }

    /// Raise it when a snapshot of the entity no longer holds what replaying its events would give,
    /// and the stored properties do not show it: after a change of `apply`, or of a type that is only
    /// found inside an empty collection of a new entity. Snapshots of other versions are ignored.
    static var snapshotSchemaVersion: UInt32 { get }

    /// The child entities. Each list that the entity has, and each property that holds one child or none, must be named:
    ///
    ///     static let children: [EntityChildren<Company>] = [.list(\.employees), .child(\.ceo)]
    ///
    /// One that is not named is found by the first call of a repository, and refused as `invalidModel`.
    static var children: [EntityChildren<Self>] { get }

    /// Identity, version and what is staged. Only Recall changes it.
    var lifecycle: EntityLifecycle { get set }

    /// The entity before its first event.
    init(id: AggregateID)

    /// Changes the state as an event says.
    ///
    /// The one function for events that happen now and those that are replayed. It must depend on
    /// nothing but the state and the event, stage nothing, and cannot refuse: the event has happened.
    mutating func apply(_ event: Fact)
}

extension Entity {
    /// 1, until an entity says otherwise.
    public static var snapshotSchemaVersion: UInt32 { 1 }
    /// None: an entity that has children must name them.
    public static var children: [EntityChildren<Self>] { [] }

    /// Identifies the entity, and with it the stream of its events.
    public var id: AggregateID { lifecycle.id }

    /// Whether nothing has happened to the entity yet, staged events included.
    public var isNew: Bool { version == .beforeFirst }

    /// Whether the entity has ended with a final event, staged ones included.
    public var isClosed: Bool { lifecycle.isClosed }

    /// The version of the entity's last event, staged ones included; 0 before the first.
    public var version: Version { lifecycle.version }
}

/// An entity that commands are addressed to, and that is loaded and saved with all its children.
public protocol AggregateRoot: Entity {}
