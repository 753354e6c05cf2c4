// What was done to a store, in order, and what the store answered: all that a checker needs to know to judge
// what a crash left.

package import Recall

/// The commits that were tried on a store, one after the other.
package struct CommitHistory: Sendable {
    package struct Entry: Sendable {
        package var commit: Commit
        /// Whether the store said that it is stored; else it may be there, whole, or not.
        package var isAcknowledged: Bool
    }

    package private(set) var entries: [Entry] = []

    package init() {}

    /// Notes a commit that is about to be tried.
    package mutating func attempt(_ commit: Commit) {
        entries.append(Entry(commit: commit, isAcknowledged: false))
    }

    /// Notes that the last commit that was tried is stored.
    package mutating func acknowledge() {
        if let last = entries.indices.last { entries[last].isAcknowledged = true }
    }

    /// The history as if the store had never acknowledged anything: what a crash may leave where nothing is promised.
    package var unacknowledged: CommitHistory {
        var history = self
        for index in entries.indices { history.entries[index].isAcknowledged = false }
        return history
    }

    /// Compares events with the history: every acknowledged commit is there, in order, the others are there whole or
    /// not at all, nothing else is there, and positions and versions have no gaps.
    /// - Returns: which commits were found, by their index in `entries`.
    /// - Throws: what is otherwise, in one sentence.
    @discardableResult
    package func compare(_ events: [RecordedEvent]) throws(ConformanceFailure) -> [Int] {
        var rest = events[...]
        var found: [Int] = []
        for (index, entry) in entries.enumerated() {
            let expected = entry.commit.events
            if Self.isSame(rest.prefix(expected.count), expected) {
                rest = rest.dropFirst(expected.count)
                found.append(index)
            } else if entry.isAcknowledged {
                throw ConformanceFailure(
                    "Commit \(index) was acknowledged and is not whole at position \(events.count - rest.count + 1): expected the events \(expected.map(\.id)), found \(rest.prefix(expected.count).map(\.id))."
                )
            }
        }
        if let stranger = rest.first {
            throw ConformanceFailure(
                "At position \(stranger.position) stands event \(stranger.id), which no commit of the history has there."
            )
        }
        try Self.checkSequences(of: events)
        return found
    }

    private static func isSame(_ found: ArraySlice<RecordedEvent>, _ expected: [NewEvent]) -> Bool {
        found.count == expected.count
            && zip(found, expected).allSatisfy { one, other in
                var appended = one.appended
                if other.time == nil { appended.time = nil }
                return appended == other
            }
    }

    private static func checkSequences(of events: [RecordedEvent]) throws(ConformanceFailure) {
        var versions: [AggregateID: UInt64] = [:]
        for (index, event) in events.enumerated() {
            try expectEqual(event.position.rawValue, UInt64(index) + 1, "The position of event \(event.id)")
            versions[event.aggregateID, default: 0] += 1
            try expectEqual(
                event.version.rawValue, versions[event.aggregateID] ?? 0, "The version of event \(event.id)")
        }
    }
}
