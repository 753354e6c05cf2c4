// Whether a commit is new, a repetition or an error: the same for every store, whatever it keeps its
// events in. Pure logic over what the store looks up, so that memory and log cannot differ.
//
// The order of the questions is part of the contract: a repetition is answered whatever versions it
// expects, because the caller who repeats a commit expects what was true before it was stored.
//
// It runs for every commit on the one writer's time: for a new commit nothing is allocated or copied.

/// What a store does with a commit that is inside the limits.
package enum CommitVerdict: Hashable, Sendable {
    /// All of it is new, and everything is as expected: store it.
    case isNew
    /// All of it is stored already: write nothing and answer this.
    case isRepetition(CommitReceipt)
}

/// Judges commits by what a store has.
package enum CommitJudge {
    /// Decides whether a commit is new or a repetition. Limits are checked before, with `StoreLimits`.
    /// - Parameters:
    ///   - storedEvent: the event that is stored under an id, or nil.
    ///   - version: the version of the last event of a stream, 0 for none.
    ///   - graphPosition: the position of the last event of a root or any of its children, 0 for none.
    /// - Throws: `eventIDReused`, `duplicateEventID` or `conflict`; and what the look-ups throw.
    package static func judge(
        _ commit: Commit,
        storedEvent: (EventID) throws(StoreError) -> RecordedEvent?,
        version: (AggregateID) throws(StoreError) -> Version,
        graphPosition: (AggregateID) throws(StoreError) -> Position
    ) throws(StoreError) -> CommitVerdict {
        if let receipt = try repetition(of: commit.events, storedEvent: storedEvent) {
            return .isRepetition(receipt)
        }
        try checkExpectations(of: commit, version: version, graphPosition: graphPosition)
        return .isNew
    }

    /// Checks what a commit expects, and nothing else: for a store that knows already that all of it is new.
    /// - Parameters:
    ///   - version: the version of the last event of a stream, 0 for none.
    ///   - graphPosition: the position of the last event of a root or any of its children, 0 for none.
    /// - Throws: `conflict`; and what the look-ups throw.
    package static func checkExpectations(
        of commit: Commit,
        version: (AggregateID) throws(StoreError) -> Version,
        graphPosition: (AggregateID) throws(StoreError) -> Position
    ) throws(StoreError) {
        if !commit.expectedVersions.isEmpty { try check(commit.expectedVersions, version) }
        if !commit.expectedGraphPositions.isEmpty { try check(commit.expectedGraphPositions, graphPosition) }
    }

    // Of several conflicts the one of the smallest id is named, so that the answer does not depend on the
    // order of a dictionary.

    private static func check(
        _ expectedVersions: [AggregateID: ExpectedVersion],
        _ version: (AggregateID) throws(StoreError) -> Version
    ) throws(StoreError) {
        var conflict: (id: AggregateID, expected: ExpectedVersion, actual: Version)?
        for (id, expected) in expectedVersions where expected != .any {
            let actual = try version(id)
            if expected.accepts(actual) { continue }
            if let found = conflict, found.id < id { continue }
            conflict = (id, expected, actual)
        }
        if let found = conflict {
            throw .versionConflict(found.id, expected: found.expected, actual: found.actual)
        }
    }

    private static func check(
        _ expectedPositions: [AggregateID: Position],
        _ graphPosition: (AggregateID) throws(StoreError) -> Position
    ) throws(StoreError) {
        var conflict: (id: AggregateID, expected: Position, actual: Position)?
        for (id, expected) in expectedPositions {
            let actual = try graphPosition(id)
            if actual == expected { continue }
            if let found = conflict, found.id < id { continue }
            conflict = (id, expected, actual)
        }
        if let found = conflict {
            throw .graphConflict(found.id, expected: found.expected, actual: found.actual)
        }
    }

    /// The receipt of events that are all stored, with the same bodies and one after the other; nil
    /// where all are new.
    private static func repetition(
        of events: [NewEvent], storedEvent: (EventID) throws(StoreError) -> RecordedEvent?
    ) throws(StoreError) -> CommitReceipt? {
        // Empty, it takes no memory; and of an event that is not stored only the id is looked at.
        var stored: [RecordedEvent] = []
        for index in events.indices {
            guard let known = try storedEvent(events[index].id) else { continue }
            if !known.hasSameBody(as: events[index]) {
                throw .eventIDReused(events[index].id, position: known.position)
            }
            if stored.isEmpty { stored.reserveCapacity(events.count) }
            stored.append(known)
        }
        guard let first = stored.first, let last = stored.last else { return nil }
        var position = first.position
        for known in stored {
            if known.position != position { throw .partlyStored(known.id, position: known.position) }
            position = position.next
        }
        if stored.count != events.count { throw .partlyStored(first.id, position: first.position) }
        return CommitReceipt(
            firstPosition: first.position, lastPosition: last.position,
            streams: StreamVersions(of: stored) { ($0.aggregateID, $0.version) }, wasStoredBefore: true)
    }
}
