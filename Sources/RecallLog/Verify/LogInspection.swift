// What is in a store, in numbers.

public import Recall

/// One segment of a store.
public struct SegmentInspection: Hashable, Sendable {
    /// Which segment it is, from 1 without gaps; its file is named after it.
    public var number: UInt64
    /// The position of its first event; of the next one to come, in a segment without events.
    public var firstPosition: Position
    /// How many events it holds.
    public var eventCount: Int
    /// How many commits it holds. A commit is never divided between two segments.
    public var commitCount: Int
    /// Size of the segment in bytes.
    public var capacityBytes: Int
    /// Bytes that hold frames, the header among them.
    public var usedBytes: Int
    /// Whether it has a successor, so that nothing is appended to it any more.
    public var isSealed: Bool
}

/// What a store holds.
public struct LogInspection: Hashable, Sendable {
    /// The identity that the store got when it was made: a UUID in lower case.
    public var storeID = ""
    /// The version of the format on disk, as docs/format.md counts them.
    public var formatVersion = 1
    /// When the store was made, by the clock of the program that made it.
    public var createdAt = Timestamp(microsecondsSince1970: 0)
    /// In order of their numbers; empty before the first append.
    public var segments: [SegmentInspection] = []
    /// How many events readers may see.
    public var eventCount = 0
    /// How many commits hold them.
    public var commitCount = 0
    /// How many aggregates and child entities the commits name, roots without events of their own among them.
    public var aggregateCount = 0
    /// How many events there are of each type.
    public var eventTypes: [EventType: Int] = [:]
    /// Bytes of the commits' bodies before compression.
    public var bodyBytes = 0
    /// Bytes of the commits' bodies as they are stored, compressed where that made them smaller.
    public var storedBodyBytes = 0
    /// Bytes of frames and headers.
    public var usedBytes = 0
    /// When the event with the lowest position happened; nil in an empty store.
    public var firstTime: Timestamp?
    /// When the event with the highest position happened, which need not be the latest; nil in an empty
    /// store.
    public var lastTime: Timestamp?
    /// Where the clock went back, so that events are not in the order of their times.
    public var clockSteps = ClockSteps()
    /// How many snapshots are kept: at most one for each aggregate.
    public var snapshotCount = 0
    /// Bytes of the snapshots that are kept. Their files may hold more, until they are compacted.
    public var snapshotBytes = 0
    /// Whether the last session that appended was closed. False while a writer has the store.
    public var wasClosedCleanly = true
}
