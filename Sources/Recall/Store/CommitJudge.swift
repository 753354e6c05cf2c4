// Whether a commit is new, a repetition or an error: the same for every store, whatever it keeps its
// events in. Pure logic over what the store looks up, so that memory and log cannot differ.
//
// The order of the questions is part of the contract: a repetition is answered whatever versions it
// expects, because the caller who repeats a commit expects what was true before it was stored.

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
        // Of several conflicts the one of the smallest id is named, so that the answer does not depend
        // on the order of a dictionary.
        var versionConflict: (id: AggregateID, expected: ExpectedVersion, actual: Version)?
        for (id, expected) in commit.expectedVersions where expected != .any {
            let actual = try version(id)
            if expected.accepts(actual) { continue }
            if let found = versionConflict, found.id < id { continue }
            versionConflict = (id, expected, actual)
        }
        if let found = versionConflict {
            throw .versionConflict(found.id, expected: found.expected, actual: found.actual)
        }
        var graphConflict: (id: AggregateID, expected: Position, actual: Position)?
        for (id, expected) in commit.expectedGraphPositions {
            let actual = try graphPosition(id)
            if actual == expected { continue }
            if let found = graphConflict, found.id < id { continue }
            graphConflict = (id, expected, actual)
        }
        if let found = graphConflict {
            throw .graphConflict(found.id, expected: found.expected, actual: found.actual)
        }
        return .isNew
    }

    /// The receipt of events that are all stored, with the same bodies and one after the other; nil
    /// where all are new.
    private static func repetition(
        of events: [NewEvent], storedEvent: (EventID) throws(StoreError) -> RecordedEvent?
    ) throws(StoreError) -> CommitReceipt? {
        var stored: [RecordedEvent] = []
        for event in events {
            guard let known = try storedEvent(event.id) else { continue }
            if !known.hasSameBody(as: event) { throw .eventIDReused(event.id, position: known.position) }
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
