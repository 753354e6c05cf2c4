// What an application chooses when it opens a log. Everything has a default that is safe.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
public import Logging
public import Recall

/// What a log promises when an append returns. Each promise includes the ones that follow it.
public enum Durability: Hashable, Sendable {
    /// The commit is on the disk: it survives a crash of the process, of the system, and a loss of power.
    case commit

    /// The commit is with the operating system: it survives a crash of the process. It is synced within
    /// about this time, so a crash of the system or a loss of power costs at most what came after.
    case interval(Duration)

    /// The commit is with the operating system: it survives a crash of the process. When it is synced is
    /// left to the system, up to the end of the segment or a clean close.
    case system
}

/// How a log is opened.
public enum LogAccess: Hashable, Sendable {
    /// For appending and reading; made where it is missing.
    case createOrOpen
    /// For appending and reading.
    case openExisting
    /// For reading, beside a writer in another process or none. Changes no byte.
    case readOnly
}

/// The choices of an opened log.
public struct LogConfiguration: Sendable {
    /// What holds when an append returns.
    public var durability: Durability = .commit

    /// Size of the segments that are made from now on, in bytes: 64 KiB to 1 GiB. A commit must fit into one. The
    /// first ones are smaller, so that the next soon has a dictionary made of them.
    public var segmentBytesMax = 64 << 20

    /// What a commit may hold.
    public var limits = StoreLimits.standard

    /// Whether commits are compressed where that makes them smaller.
    public var isCompressing = true

    /// Whether a segment that is full is written again, in the background, where compressing all of it with a dictionary
    /// of its own makes it smaller by about a seventh or more. Nothing waits for it, a close ends it at once, and what
    /// was left is taken up when the log is next opened for appending. Needs as much free space for the while as the
    /// smaller segment takes; without, and where `isCompressing` is false, segments stay as they were appended.
    ///
    /// Off unless asked for: segments are compressed as they are appended, so that it gains a seventh of their size,
    /// and it is the one thing that puts another file in the place of what was acknowledged.
    public var isRewriting = false

    /// How many threads read for asynchronous callers.
    public var readerThreadCount = 2

    /// How many threads read when a large part of the log is replayed, the calling one among them: the others check and
    /// decompress ahead, and live as long as the replay. Never more than there are processors. Two are faster by half and
    /// take about 15 % more processor time together; 1 leaves the other processors to others.
    public var replayThreadCount = 2

    /// How many bytes of commits may be on their way at the same time. Who appends when they are reached waits, before
    /// anything is encoded, until others are stored; a single commit may be larger.
    public var queueBytesMax = 16 << 20

    /// Stamps the commits.
    public var clock = WallClock.system

    /// Is told what an operator should know: a torn end that was cut off, a failure that latched the log.
    /// Silent unless one is given.
    public var logger = Logger(label: "recall.log", factory: { _ in SwiftLogNoOpLogHandler() })

    /// Gives random numbers: the salts of segments and the id of a new store.
    public var randomBits: @Sendable () -> UInt64 = { UInt64.random(in: .min ... .max) }

    /// A clean close writes the index of the unsealed tail when it holds more than this many frames;
    /// fewer are faster read again.
    package var checkpointFrameCountMin = 4096

    /// The name of the store's header. Under another one than `store`, what is written is no store yet.
    package var headerName = DirectoryLayout.headerName

    /// The size of a store's first segment; each one that follows may be sixteen times as large as the one before.
    package var firstSegmentBytes = 256 << 10

    /// Is told what opening finds, case by case, those that it refuses among them.
    package var recoveryObserver: (@Sendable (RecoveryCase) -> Void)?

    /// How long after a look at whether a followed store is still the same the next one follows at the earliest.
    package var followingProofInterval = Duration.milliseconds(100)

    /// What part of a sealed segment's size must be gained for it to be rewritten.
    package var rewriteGainMin = 0.15

    /// How many threads write indexes and rewrite segments beside the appends: 1, or 0 for the appending thread itself,
    /// so that a test has one order of calls to the disk.
    package var housekeepingThreadCount = 1

    /// The sizes at which snapshot files change.
    package var snapshotSettings = SnapshotSettings()

    /// With durability `commit`, zeros are written ahead of the tail in steps of this size; 0 for never.
    package var writeAheadBytes = 1 << 20

    /// Whether the log has threads of its own. Without, what is done beside the appends waits for
    /// `finishHousekeeping` or the close, what `interval` owes the disk for `syncOwed`, and no asynchronous call
    /// returns: so the crash lab repeats every step exactly.
    package var hasOwnThreads = true

    /// Bugs that tests put in; none can be in a release build.
    package var sabotages = Sabotages()

    /// Who reads for a replay on this machine.
    package var readAhead: ReadAhead {
        ReadAhead(threadCount: min(replayThreadCount, ProcessInfo.processInfo.activeProcessorCount))
    }

    /// Safe choices: a commit is on the disk when its append returns.
    public init() {}
}
