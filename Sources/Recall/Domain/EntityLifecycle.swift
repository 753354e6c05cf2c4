// The part of an entity that is Recall's: who it is, how far its stream goes, what is not saved yet.
// Identity and version are part of a snapshot; what is staged, and the clock, never are.

/// An entity's identity, its version, and the events that are not saved yet.
///
/// Two are equal when identity and version are; what is staged is counted by the version.
public struct EntityLifecycle: Codable, Sendable, Hashable {
    /// Identifies the entity, and with it the stream of its events.
    public let id: AggregateID
    /// The version of the last event, staged ones included.
    public internal(set) var version: Version = .beforeFirst

    /// Whether the last event was a final one, so that nothing may follow.
    public internal(set) var isClosed = false

    /// In a root, whatever was gathered from its children too; not always in order.
    var staged: [StagedEvent] = []
    /// Shared by a graph; nil before anything was staged.
    var clock: StagingClock?
    /// In a root that was loaded or saved: which events of the graph the state holds.
    var stamp: GraphStamp?
    /// What `apply` did wrong before anything was staged; nil where nothing is known.
    var misuse: String?

    /// The lifecycle of an entity before its first event.
    public init(id: AggregateID) { self.id = id }

    private enum CodingKeys: String, CodingKey { case id, version, isClosed }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(AggregateID.self, forKey: .id)
        version = try container.decode(Version.self, forKey: .version)
        isClosed = try container.decodeIfPresent(Bool.self, forKey: .isClosed) ?? false
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(version, forKey: .version)
        // Left out where it says nothing, so that the shape of an entity is what it was.
        if isClosed { try container.encode(true, forKey: .isClosed) }
    }

    public static func == (left: EntityLifecycle, right: EntityLifecycle) -> Bool {
        left.id == right.id && left.version == right.version
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(id)
        hasher.combine(version)
    }
}
