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
    public var aggregateType: AggregateType
    public var type: EventType
    /// The version of the payload's schema, from 1. Upcasters bring older ones up to date.
    public var schemaVersion: UInt32
    /// When it happened; nil for the moment of the commit.
    public var time: Timestamp?
    public var contentType: ContentType
    public var metadata: EventMetadata
    public var tags: [String]
    public var payload: Data

    public init(
        id: EventID = EventID(), aggregateID: AggregateID, rootID: AggregateID? = nil,
        aggregateType: AggregateType = "", type: EventType, schemaVersion: UInt32 = 1,
        time: Timestamp? = nil, contentType: ContentType = .json, metadata: EventMetadata = [:],
        tags: [String] = [], payload: Data
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
