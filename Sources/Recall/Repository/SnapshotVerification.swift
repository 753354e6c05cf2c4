// What a check of snapshots found.

/// How the kept snapshots of a repository compare with a replay of all events.
public struct SnapshotVerification: Sendable {
    /// A snapshot that is not what its events give, or whose events cannot be replayed.
    public struct Finding: Sendable, CustomStringConvertible {
        /// Whose snapshot it is.
        public var aggregateID: AggregateID
        /// The position up to which its events are in it.
        public var position: Position
        /// Where it differs: a few of the places.
        public var differences: [StateDifference]
        /// What kept the events from being replayed; nil where they were.
        public var error: RepositoryError?

        public var description: String {
            let what = error.map(\.message) ?? differences.map(\.description).joined(separator: "; ")
            return "\(aggregateID) at position \(position): \(what)"
        }
    }

    /// How many aggregates were looked at.
    public internal(set) var aggregateCount = 0
    /// How many of them have a snapshot that a load would begin at.
    public internal(set) var comparedCount = 0
    /// How many have one that no load would begin at: of another schema, of another history, or not to be decoded.
    public internal(set) var unusableCount = 0
    /// How many snapshots are not as they should be.
    public internal(set) var findingCount = 0
    /// What is wrong with the first of them.
    public internal(set) var findings: [Finding] = []

    /// So many findings are listed; all are counted.
    public static let listedFindingCountMax = 1000

    /// Whether each snapshot that was compared holds what its events give.
    public var isSound: Bool { findingCount == 0 }

    mutating func add(_ finding: Finding) {
        findingCount += 1
        if findings.count < Self.listedFindingCountMax { findings.append(finding) }
    }
}
