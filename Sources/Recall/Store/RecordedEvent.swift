// An event as a store gives it back: the fact, with the place that its commit gave it.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// An event that a store holds.
public struct RecordedEvent: Hashable, Sendable {
    /// The place in the whole store.
    public var position: Position
    /// The place in the stream of `aggregateID`.
    public var version: Version
    /// What made the append idempotent: no other event of the store has it.
    public var id: EventID
    /// The aggregate or child entity whose stream the event is in.
    public var aggregateID: AggregateID
    /// The root of the graph that the entity belongs to; equal to `aggregateID` for a root's own event.
    public var rootID: AggregateID
    /// The kind of `aggregateID`, as the event was appended with; may be empty.
    public var aggregateType: AggregateType
    /// The name under which the event is stored, which an upcaster may since have replaced.
    public var type: EventType
    /// The version of the payload's schema when it was written, from 1.
    public var schemaVersion: UInt32
    /// When it happened, as its author said; the moment of the commit where nothing was said. Times may
    /// therefore be in another order than positions.
    public var time: Timestamp
    /// What the payload is, as its author said. Nobody has checked it.
    public var contentType: ContentType
    /// As it was appended; empty where there was none.
    public var metadata: EventMetadata
    /// As they were appended, in that order.
    public var tags: [EventTag]
    /// The bytes that were appended, unchanged and not upcast.
    public var payload: Data

    /// - Parameters:
    ///   - event: what was appended.
    ///   - position: the place in the store that its commit gave it.
    ///   - version: the place in its stream that its commit gave it.
    ///   - time: the moment of the commit, for an event that names none of its own.
    public init(_ event: NewEvent, position: Position, version: Version, time: Timestamp) {
        self.position = position
        self.version = version
        self.id = event.id
        self.aggregateID = event.aggregateID
        self.rootID = event.rootID
        self.aggregateType = event.aggregateType
        self.type = event.type
        self.schemaVersion = event.schemaVersion
        self.time = event.time ?? time
        self.contentType = event.contentType
        self.metadata = event.metadata
        self.tags = event.tags
        self.payload = event.payload
    }

    /// Whether appending `event` again would be the same fact: all but the time and the place agree.
    public func hasSameBody(as event: NewEvent) -> Bool {
        id == event.id && aggregateID == event.aggregateID && rootID == event.rootID
            && aggregateType == event.aggregateType && type == event.type
            && schemaVersion == event.schemaVersion && contentType == event.contentType
            && metadata == event.metadata && tags == event.tags && payload == event.payload
    }
}
