// What a salvage copied and what it could not, for a person and for a script: enough to find every event of the old store
// in the new one, or the reason why it is not there.

public import Recall

/// Events that a salvage could not copy, and why.
public struct SalvageLoss: Hashable, Sendable {
    /// The number of the segment.
    public var segment: UInt64
    /// Where in the segment the damage begins, in bytes; nil where the whole segment is lost.
    public var offset: Int?
    /// The first position that is lost, as the old store counts; nil where the positions are among those of the loss
    /// before, because neighbouring segments are lost and where one ended is not known.
    public var firstPosition: Position?
    /// The last position that is lost; nil where `firstPosition` is, and where nothing that could be read follows, so that how
    /// much is lost is not known.
    public var lastPosition: Position?
    /// What is wrong, in words.
    public var reason: String

    /// A loss as a salvage finds it.
    /// - Parameters:
    ///   - segment: the number of the segment.
    ///   - offset: where in the segment, in bytes; nil for all of it.
    ///   - firstPosition: the first position that is lost, if it is known.
    ///   - lastPosition: the last position that is lost, if it is known.
    ///   - reason: what is wrong, in words.
    public init(
        segment: UInt64, offset: Int?, firstPosition: Position?, lastPosition: Position?, reason: String
    ) {
        self.segment = segment
        self.offset = offset
        self.firstPosition = firstPosition
        self.lastPosition = lastPosition
        self.reason = reason
    }
}

/// What a salvage saw beside the losses: damage that cost no event, and what the medium did not give back, which the losses
/// name too where it cost any.
public struct SalvageNote: Hashable, Sendable {
    /// The number of the segment; nil for the store's own header, and for what leads to the files of a single-file store.
    public var segment: UInt64?
    /// Where in the file, in bytes; nil where it is a whole file.
    public var offset: Int?
    /// How many bytes from `offset` on the medium did not give back; nil where it gave back all that the note is about.
    public var unreadableByteCount: Int?
    /// What was found, in words.
    public var reason: String

    /// A note as a salvage makes it.
    /// - Parameters:
    ///   - segment: the number of the segment; nil for what belongs to no segment.
    ///   - offset: where in the file, in bytes; nil for all of it.
    ///   - unreadableByteCount: how many bytes the medium did not give back there; nil where it gave back all.
    ///   - reason: what was found, in words.
    public init(segment: UInt64?, offset: Int?, unreadableByteCount: Int? = nil, reason: String) {
        self.segment = segment
        self.offset = offset
        self.unreadableByteCount = unreadableByteCount
        self.reason = reason
    }
}

/// Positions that follow each other in the old store and in the new one.
public struct SalvagedRange: Hashable, Sendable {
    /// The first and the last position in the old store.
    public var source: ClosedRange<Position>
    /// Where the first of them is in the new store; the others follow.
    public var firstDestination: Position

    /// A range of positions that were copied.
    /// - Parameters:
    ///   - source: the first and the last position in the old store.
    ///   - firstDestination: where the first of them is in the new store.
    public init(source: ClosedRange<Position>, firstDestination: Position) {
        self.source = source
        self.firstDestination = firstDestination
    }

    /// Where the last of them is in the new store.
    public var lastDestination: Position {
        Position(firstDestination.rawValue + (source.upperBound.rawValue - source.lowerBound.rawValue))
    }
}

/// A stream whose later events have lower versions in the new store, because earlier ones are lost.
public struct ShiftedStream: Hashable, Sendable {
    /// The aggregate or child entity.
    public var aggregateID: AggregateID
    /// The version, in the old store, of the first event that has another one in the new store.
    public var firstVersion: Version
    /// How much lower the version of the stream's last event is: how many of its events before that are lost.
    public var lostCount: UInt64

    /// A stream as a salvage found it.
    /// - Parameters:
    ///   - aggregateID: the aggregate or child entity.
    ///   - firstVersion: the version in the old store of the first event that has another one now.
    ///   - lostCount: how many events before the stream's last one are lost.
    public init(aggregateID: AggregateID, firstVersion: Version, lostCount: UInt64) {
        self.aggregateID = aggregateID
        self.firstVersion = firstVersion
        self.lostCount = lostCount
    }
}

/// What a salvage did.
public struct SalvageReport: Hashable, Sendable {
    /// What is not in the new store, in the order of the old one; empty where nothing is lost.
    public var losses: [SalvageLoss] = []
    /// Damage that cost no event, and each place that the medium did not give back.
    public var notes: [SalvageNote] = []
    /// Which positions became which, in order. One range, from 1 to 1, where nothing is lost.
    public var ranges: [SalvagedRange] = []
    /// The streams in which versions are lower than they were, by id. One that lost nothing but its last events is
    /// not among them: nothing that is left tells of these.
    public var shiftedStreams: [ShiftedStream] = []
    /// How many segments of the old store could be read.
    public var segmentCount = 0
    /// How many commits were copied.
    public var commitCount = 0
    /// How many events they hold.
    public var eventCount = 0
    /// Bytes of the old store that were read.
    public var byteCount = 0

    /// Whether no event is lost.
    public var isComplete: Bool { losses.isEmpty }
}

extension SalvageNote {
    /// What the medium did not give back of a file.
    /// - Parameter range: in bytes of the file at `path`.
    init(segment: UInt64?, unreadable range: Range<Int>, of path: String) {
        self.init(
            segment: segment, offset: range.lowerBound, unreadableByteCount: range.count,
            reason:
                "the medium did not give back \(range.count) bytes of \(path), from byte \(range.lowerBound) on"
        )
    }
}
