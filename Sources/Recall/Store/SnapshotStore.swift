// Snapshots are a cache: a store may lose one at any time, and then the events are replayed. What a
// snapshot store must never do is to give back other bytes than were saved, or under another stamp.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The state of an aggregate at a version, stamped with what is needed to tell whether it still fits.
public struct Snapshot: Hashable, Sendable {
    /// The root of the graph whose state this is; a store keeps one snapshot of each.
    public var aggregateID: AggregateID
    /// The kind of the root: 255 bytes of UTF-8 at most.
    public var aggregateType: AggregateType
    /// The version of the root that the state holds.
    public var version: Version
    /// The position up to which the graph's events are in the state.
    public var position: Position
    /// Identifies the schema that made the payload; a snapshot of another schema is ignored.
    public var schemaFingerprint: UInt64
    /// When the snapshot was taken.
    public var time: Timestamp
    /// The state, as bytes that the store does not look into.
    public var payload: Data

    /// A snapshot of a state.
    /// - Parameters:
    ///   - aggregateID: the root of the graph.
    ///   - aggregateType: the kind of the root.
    ///   - version: the version of the root that the state holds.
    ///   - position: the position up to which the graph's events are in the state.
    ///   - schemaFingerprint: identifies the schema that made the payload.
    ///   - time: when the snapshot was taken.
    ///   - payload: the state.
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
    /// - Throws: what kept the store from working. Events are never affected by it.
    func save(_ snapshot: Snapshot) async throws(StoreError)

    /// The newest snapshot of an aggregate; nil where there is none, or it is damaged.
    /// - Throws: what kept the store from looking, such as `closed` or `unavailable`.
    func latest(of aggregate: AggregateID) async throws(StoreError) -> Snapshot?

    /// Forgets the snapshot of an aggregate; nothing happens where there is none.
    /// - Throws: what kept the store from working; the snapshot may then still be there.
    func remove(_ aggregate: AggregateID) async throws(StoreError)
}
