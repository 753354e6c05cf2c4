// What the lives of the crash lab were full of, counted: a lab in which nothing happens finds nothing.

/// Counts of what happened, to be added up over seeds.
package struct CrashLabStatistics: Hashable, Sendable {
    package var seedCount = 0
    package var sessionCount = 0
    package var powerLossCount = 0
    package var processDeathCount = 0
    package var cleanCloseCount = 0
    /// Openings that a crash or a failure of the disk ended.
    package var interruptedOpeningCount = 0
    package var acknowledgedCommitCount = 0
    package var acknowledgedEventCount = 0
    /// Repetitions, conflicts and commits that make no sense.
    package var answeredWithoutWritingCount = 0
    package var unansweredCommitCount = 0
    package var groupCount = 0
    package var injectedFaultCount = 0
    package var latchCount = 0
    package var snapshotCount = 0
    package var backupCount = 0
    package var readCount = 0
    package var verificationCount = 0
    /// Copies of a store that lost files.
    package var lossCount = 0
    package var segmentCount = 0

    package init() {}

    /// Each count with what it counts, for people.
    package var lines: [(name: String, count: Int)] {
        [
            ("seeds", seedCount), ("sessions of a store", sessionCount),
            ("losses of power", powerLossCount), ("deaths of the process alone", processDeathCount),
            ("clean closes", cleanCloseCount), ("openings that were interrupted", interruptedOpeningCount),
            ("commits acknowledged", acknowledgedCommitCount), ("events in them", acknowledgedEventCount),
            ("repetitions and refusals", answeredWithoutWritingCount),
            ("commits without an answer", unansweredCommitCount), ("groups of commits", groupCount),
            ("faults of the disk that struck", injectedFaultCount),
            ("times that a store latched", latchCount),
            ("snapshots saved", snapshotCount), ("backups", backupCount), ("reads compared", readCount),
            ("verifications", verificationCount), ("copies that lost files", lossCount),
            ("segments at the end", segmentCount),
        ]
    }

    package static func += (left: inout CrashLabStatistics, right: CrashLabStatistics) {
        for path in paths { left[keyPath: path] += right[keyPath: path] }
    }

    private static var paths: [WritableKeyPath<CrashLabStatistics, Int>] {
        [
            \.seedCount, \.sessionCount, \.powerLossCount, \.processDeathCount, \.cleanCloseCount,
            \.interruptedOpeningCount, \.acknowledgedCommitCount, \.acknowledgedEventCount,
            \.answeredWithoutWritingCount, \.unansweredCommitCount, \.groupCount, \.injectedFaultCount,
            \.latchCount, \.snapshotCount, \.backupCount, \.readCount, \.verificationCount, \.lossCount,
            \.segmentCount,
        ]
    }
}
