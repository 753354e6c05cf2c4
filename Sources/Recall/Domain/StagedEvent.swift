// An event between its happening and its saving. It no longer depends on the entity, which may be gone
// from its list by the time the root is saved.

/// An event that has happened in memory and is not saved yet.
struct StagedEvent: Sendable {
    /// Its place among all that was staged in the graph.
    var order: UInt64
    var aggregateID: AggregateID
    var aggregateType: AggregateType
    /// The version that the event gets when its stream is as it was loaded.
    var version: Version
    var payload: any EventPayload
    /// Whether the entity's event enum can read the payload back.
    var isRegistered: Bool
    /// Given at the first attempt to save and kept, so that a repeated save is stored once.
    var eventID: EventID?
}
