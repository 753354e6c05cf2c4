// An event between its happening and its saving. It no longer depends on the entity, which may be gone
// from its list by the time the root is saved.
//
// Invariant: once an attempt to save has given it an id and bytes, each further attempt sends the same.

/// An event that has happened in memory and is not saved yet.
struct StagedEvent: Sendable {
    /// What is stored of the event.
    struct Encoded: Sendable {
        var id: EventID
        var event: EncodedEvent
    }

    /// Its place among all that was staged in the graph.
    var order: UInt64
    var aggregateID: AggregateID
    var aggregateType: AggregateType
    /// The version that the event gets when its stream is as it was loaded.
    var version: Version
    /// What happened: a case of the entity's event enum.
    var fact: any Event
    /// Whether its entity has ended with it.
    var isFinal: Bool { fact.isFinal }
    /// Made at the first attempt to save and kept, so that a repeated save is stored once: a type may encode the same
    /// value differently each time, as a set does.
    var encoded: Encoded?
    /// What it was sent with by an attempt of which nobody knows whether it was stored.
    var sentMetadata: EventMetadata?
    /// What `apply` did with it that only a decision may do; nil where nothing is wrong.
    var misuse: String?
}
