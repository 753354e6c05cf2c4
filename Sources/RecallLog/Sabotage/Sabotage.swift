// Bugs of one line each, which tests put in on purpose to see that the crash lab finds them. A test that no bug
// can make fail proves nothing.
//
// Each stands at the place where the bug would be, as a question to `Sabotages.contains`. In release builds that is
// always false and the set takes no space, so nothing of it is left in the program.

/// A bug that can be put in.
package enum Sabotage: Int, Hashable, Sendable, CaseIterable {
    /// A commit is acknowledged before its sync.
    case acknowledgeBeforeSync
    /// A new segment's name is not synced.
    case skipDirectorySync
    /// A new segment's header is not synced before the segment is used.
    case skipSegmentHeaderSync
    /// A sync that failed counts as one that succeeded.
    case ignoreFailedSync
    /// The writer goes on after a failed write or sync.
    case resumeAfterFailure
    /// A frame is believed whatever its checksum says.
    case acceptBadChecksum
    /// The checksum of a frame does not cover the salt of its segment.
    case ignoreSaltOfFrames
    /// What recovery goes on behind is one commit too early.
    case cutTailEarly
    /// What recovery goes on behind is a few bytes too late.
    case cutTailLate
    /// A session goes on in the epoch that it found.
    case reuseEpoch
    /// Readers see a group before it is written and synced.
    case publishBeforeDurable
    /// The index learns of a commit before it is judged.
    case indexRefusedCommit
    /// Of a large group, half is written.
    case writeHalfOfLargeGroup
    /// A frame states that everything before it is durable, synced or not.
    case stateUndurableWatermark
    /// A rewritten segment takes the old one's place before it is synced.
    case renameUnsyncedSegment
    /// The event ids of the tail are forgotten at reopening.
    case forgetEventIDs
    /// A snapshot is believed whatever its checksum says.
    case acceptBadSnapshot
    /// A snapshot is kept before the events in it are durable.
    case saveSnapshotOfUndurableEvents
    /// The first event after reopening gets the position of the last one before.
    case repeatPosition
    /// An index is believed whichever file of its segment it was made of.
    case believeStaleIndex
    /// A segment has a successor before it is synced itself.
    case skipSealSync
    /// A superblock of a single file leads to a table of contents that is not synced.
    case leadToUnsyncedTable
    /// Nobody looks whether the store is still where it was opened.
    case trustNames
    /// An extent of a single file is used again before the table that lets it go is durable.
    case reuseExtentEarly
    /// No mark says how far the store has come.
    case skipMark
    /// A mark is not synced.
    case skipMarkSync
    /// Nobody looks at the marks.
    case ignoreMarks
    /// What stands behind the end is written over without a copy.
    case writeOverCutOff
}

/// The bugs that are put into a log.
package struct Sabotages: Hashable, Sendable {
    #if DEBUG
    private var bits: UInt64 = 0
    #endif

    package init(_ sabotages: Sabotage...) {
        #if DEBUG
        for sabotage in sabotages { bits |= 1 << UInt64(sabotage.rawValue) }
        #endif
    }

    /// Always true: bugs are no part of what a header that carries them says.
    package static func == (left: Sabotages, right: Sabotages) -> Bool { true }

    package func hash(into hasher: inout Hasher) {}

    /// Whether a bug is put in: never, in a release build.
    @inline(__always)
    package func contains(_ sabotage: Sabotage) -> Bool {
        #if DEBUG
        bits & 1 << UInt64(sabotage.rawValue) != 0
        #else
        false
        #endif
    }

    /// Whether bugs can be put in at all.
    package static var isPossible: Bool { Sabotages(.acknowledgeBeforeSync).contains(.acknowledgeBeforeSync) }
}
