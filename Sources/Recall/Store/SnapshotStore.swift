// Snapshots are a cache: a store may lose one at any time, and then the events are replayed. What a
// snapshot store must never do is to give back other bytes than were saved, or under another stamp.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The state of an aggregate at a version, stamped with what is needed to tell whether it still fits.
public struct Snapshot: Hashable, Sendable {
    public var aggregateID: AggregateID
    public var aggregateType: AggregateType
    /// The version of the root that the state holds.
    public var version: Version
    /// The position up to which the graph's events are in the state.
    public var position: Position
    /// Identifies the schema that made the payload; a snapshot of another schema is ignored.
    public var schemaFingerprint: UInt64
    public var time: Timestamp
    public var payload: Data

    public init(
        aggregateID: AggregateID, aggregateType: AggregateType, version: Version,
        position: Position, schemaFingerprint: UInt64, time: Timestamp, payload: Data
    ) {
        self.aggregateID = aggregateID
        self.aggregateType = aggregateType
        self.version = version
        self.position = position
        self.schemaFingerprint = schemaFingerprint
        self.time = time
        self.payload = payload
    }
}

/// Keeps the newest snapshot of each aggregate, as long as it can.
public protocol SnapshotStore: Sendable {
    /// Keeps a snapshot in place of an older one of the same aggregate; one of a lower position than
    /// the one that is kept is left out. Nothing is durable on return: a snapshot may be lost.
    func save(_ snapshot: Snapshot) async throws(StoreError)

    /// The newest snapshot of an aggregate; nil where there is none, or it is damaged.
    func latest(of aggregate: AggregateID) async throws(StoreError) -> Snapshot?

    /// Forgets the snapshot of an aggregate; nothing happens where there is none.
    func remove(_ aggregate: AggregateID) async throws(StoreError)
}
