// What is in a store, in numbers.

public import Recall

/// One segment of a store.
public struct SegmentInspection: Hashable, Sendable {
    public var number: UInt64
    public var firstPosition: Position
    public var eventCount: Int
    public var commitCount: Int
    /// Size of the segment in bytes.
    public var capacityBytes: Int
    /// Bytes that hold frames, the header among them.
    public var usedBytes: Int
    public var isSealed: Bool
}

/// What a store holds.
public struct LogInspection: Hashable, Sendable {
    public var storeID = ""
    public var formatVersion = 1
    public var createdAt = Timestamp(microsecondsSince1970: 0)
    public var segments: [SegmentInspection] = []
    public var eventCount = 0
    public var commitCount = 0
    public var aggregateCount = 0
    /// How many events there are of each type.
    public var eventTypes: [EventType: Int] = [:]
    /// Bytes of the commits' bodies before and after compression.
    public var bodyBytes = 0
    public var storedBodyBytes = 0
    /// Bytes of frames and headers.
    public var usedBytes = 0
    /// The moments of the first and the last event in order of position; nil in an empty store.
    public var firstTime: Timestamp?
    public var lastTime: Timestamp?
    /// How many snapshots are kept, and their bytes.
    public var snapshotCount = 0
    public var snapshotBytes = 0
    /// Whether the last session that appended was closed. False while a writer has the store.
    public var wasClosedCleanly = true
}
