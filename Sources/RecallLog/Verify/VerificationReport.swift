// What verifying finds, for a person and for a script.

public import Recall

/// One thing that is wrong with a store, and where.
public struct VerificationFinding: Hashable, Sendable {
    /// What kind of bytes are wrong.
    public enum Kind: String, Hashable, Sendable {
        /// Frames that were acknowledged are not what was written.
        case frames
        /// A frame holds, but not what it must: a sequence, a version or a body.
        case content
        /// An index differs from what the frames say. It can be deleted, and is made again.
        case index
        /// A header or a whole file.
        case file
    }

    /// What kind of bytes are wrong.
    public var kind: Kind
    /// Which part of the store it is about.
    public var subject: Subject
    /// The number of the segment; nil where it is not one segment's matter.
    public var segment: UInt64?
    /// Where in the segment, in bytes; without a segment, where in the file of the store's header, or, for a superblock and a
    /// table of contents, in the one file of the store.
    public var offset: Int?
    /// How many bytes from `offset` on, or of the whole file where that is nil, the medium does not give back; nil where it gives
    /// back all that the finding is about.
    public var unreadableByteCount: Int?
    /// The positions that cannot be read; nil where no event is lost.
    public var positions: ClosedRange<Position>?
    /// What is wrong, in words.
    public var reason: String

    /// A finding as verifying makes it.
    /// - Parameters:
    ///   - kind: what kind of bytes are wrong.
    ///   - subject: which part of the store it is about.
    ///   - segment: the number of the segment; nil where it is not one segment's matter.
    ///   - offset: where in the segment, in bytes; nil where it is the whole of it.
    ///   - unreadableByteCount: how many bytes the medium does not give back there; nil where it gives back all.
    ///   - positions: the positions that cannot be read; nil where no event is lost.
    ///   - reason: what is wrong, in words.
    public init(
        kind: Kind, subject: Subject, segment: UInt64?, offset: Int?, unreadableByteCount: Int? = nil,
        positions: ClosedRange<Position>?, reason: String
    ) {
        self.kind = kind
        self.subject = subject
        self.segment = segment
        self.offset = offset
        self.unreadableByteCount = unreadableByteCount
        self.positions = positions
        self.reason = reason
    }
}

/// How far verifying is.
public struct VerificationProgress: Hashable, Sendable {
    /// Bytes that were read.
    public var byteCount: Int
    /// Bytes there are to read.
    public var byteCountTotal: Int
}

/// What verifying a store found.
public struct VerificationReport: Hashable, Sendable {
    /// Everything that is wrong, segment by segment; empty where all is well.
    public var findings: [VerificationFinding] = []
    /// How many segments were read; 0 where a header or a file kept the store from being read further.
    public var segmentCount = 0
    /// How many frames hold: commits, and what begins, ends and seals the log's sessions.
    public var frameCount = 0
    /// How many of these frames are commits.
    public var commitCount = 0
    /// How many events the commits hold.
    public var eventCount = 0
    /// How many aggregates and child entities the commits name, roots without events of their own among them.
    public var aggregateCount = 0
    /// Bytes whose checksums were computed.
    public var byteCount = 0
    /// The last position that holds; 0 in an empty store.
    public var lastPosition = Position.beforeFirst
    /// Where the clock went back, which is no finding.
    public var clockSteps = ClockSteps()

    /// What stands behind the end of the log; nil where nothing does.
    public var behindEnd: BehindEnd?

    /// Whether everything is what was written, and nothing stands behind the end.
    public var isWhole: Bool { findings.isEmpty && behindEnd == nil }

    /// Whole commits of the last session behind a frame that does not hold, in a part of the log that was not synced: where a
    /// process was killed they may have been acknowledged, and where the system crashed it may have kept them by chance.
    /// Opening leaves them out; `Log.salvage` keeps them, and the next append copies them into a file beside the store.
    public struct BehindEnd: Hashable, Sendable {
        /// The number of the segment, which is the last one.
        public var segment: UInt64
        /// Where the log ends, in bytes of the segment: at the frame that does not hold.
        public var offset: Int
        /// How many whole commits stand behind it.
        public var commitCount: Int
        /// How many events these hold.
        public var eventCount: Int

        init(_ rest: TailRest) {
            segment = rest.segmentNumber
            offset = rest.offset
            commitCount = rest.commitCount
            eventCount = rest.eventCount
        }
    }
}
