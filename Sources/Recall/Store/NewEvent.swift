// An event on its way into a store, before the commit gives it a position and a version.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// An event that a caller asks a store to append.
public struct NewEvent: Hashable, Sendable {
    /// Makes the append idempotent: the same id with the same body is stored once.
    public var id: EventID
    /// The aggregate or child entity whose stream the event joins.
    public var aggregateID: AggregateID
    /// The root of the graph that the entity belongs to; the aggregate itself where it has none.
    public var rootID: AggregateID
    /// The kind of `aggregateID`. May be empty; all events of an entity in one commit name the same.
    public var aggregateType: AggregateType
    /// The kind of event: 1 to 255 bytes of UTF-8.
    public var type: EventType
    /// The version of the payload's schema, from 1. Upcasters bring older ones up to date.
    public var schemaVersion: UInt32
    /// When it happened; nil for the moment of the commit.
    public var time: Timestamp?
    /// What the payload is. Stored, and never looked into.
    public var contentType: ContentType
    /// Stored beside the payload, and part of what a repeated append is compared by.
    public var metadata: EventMetadata
    /// Names to find the event by, such as `company:planet-express`, in the order they are given: 64 at most.
    public var tags: [EventTag]
    /// What happened, as bytes that the store does not look into: 16 MiB at most, and may be empty.
    public var payload: Data

    /// An event to append. Nothing is checked before it is.
    /// - Parameters:
    ///   - id: give one that can be made again where an append may be repeated; a new one if left out.
    ///   - aggregateID: the aggregate or child entity whose stream the event joins.
    ///   - rootID: the root of the entity's graph; nil where it is its own root.
    ///   - aggregateType: the kind of `aggregateID`; may be empty.
    ///   - type: the kind of event; not empty.
    ///   - schemaVersion: of the payload, from 1.
    ///   - time: when it happened; nil for the moment of the commit.
    ///   - contentType: what the payload is.
    ///   - metadata: correlation and causation, and what else is known.
    ///   - tags: names to find the event by.
    ///   - payload: what happened.
    public init(
        id: EventID = EventID(), aggregateID: AggregateID, rootID: AggregateID? = nil,
        aggregateType: AggregateType = "", type: EventType, schemaVersion: UInt32 = 1,
        time: Timestamp? = nil, contentType: ContentType = .json, metadata: EventMetadata = [:],
        tags: [EventTag] = [], payload: Data
    ) {
        self.id = id
        self.aggregateID = aggregateID
        self.rootID = rootID ?? aggregateID
        self.aggregateType = aggregateType
        self.type = type
        self.schemaVersion = schemaVersion
        self.time = time
        self.contentType = contentType
        self.metadata = metadata
        self.tags = tags
        self.payload = payload
    }
}
