// What every event store must do, in the plainest way: a list of events and loops over it, because it is what
// faster stores are compared with and must be right at a glance. What a commit asks of the past, which many
// thousand random lives of a store ask, is looked up in tables that follow the list.

public import Recall

/// The meaning of an event store, over a list in memory.
public struct ReferenceModel: Sendable {
    /// What a commit leads to.
    public enum Outcome: Hashable, Sendable {
        /// It is stored, or was before; the receipt is what a store must answer.
        case stored(CommitReceipt)
        /// Nothing was stored; a store must throw an error with this code.
        case refused(StoreError.Code)
    }

    /// Every event, in order of position.
    public private(set) var events: [RecordedEvent] = []
    private var indexes: [EventID: Int] = [:]
    private var versions: [AggregateID: Version] = [:]
    /// Of each stream and each root: the position of the last event that touched it.
    private var lastPositions: [AggregateID: Position] = [:]

    /// The model of a store without events.
    public init() {}

    /// The position of the last event, which is how many there are; 0 for none.
    public var lastPosition: Position { Position(UInt64(events.count)) }

    /// Stores a commit, or refuses it.
    /// - Parameters:
    ///   - commit: what to store.
    ///   - time: the moment of the commit, for events without a time of their own.
    public mutating func append(_ commit: Commit, time: Timestamp) -> Outcome {
        if let early = outcomeWithoutWriting(of: commit) { return early }
        let first = lastPosition.next
        var versions: [AggregateID: Version] = [:]
        for event in commit.events {
            let version = self.version(of: event.aggregateID).next
            store(RecordedEvent(event, position: lastPosition.next, version: version, time: time))
            versions[event.aggregateID] = version
        }
        return .stored(
            CommitReceipt(
                firstPosition: first, lastPosition: lastPosition, versions: versions,
                wasStoredBefore: false))
    }

    private mutating func store(_ event: RecordedEvent) {
        indexes[event.id] = events.count
        versions[event.aggregateID] = event.version
        lastPositions[event.aggregateID] = event.position
        lastPositions[event.rootID] = event.position
        events.append(event)
    }

    /// Forgets what was stored behind a position, as a disk does that was never asked to keep it.
    public mutating func forget(after position: Position) {
        let kept = events.prefix(Int(clamping: position.rawValue))
        self = ReferenceModel()
        for event in kept { store(event) }
    }

    /// What a commit leads to where it writes nothing; nil where it would be written.
    public func outcomeWithoutWriting(of commit: Commit) -> Outcome? {
        if commit.events.isEmpty { return .refused(.invalidArgument) }
        if Set(commit.events.map(\.id)).count < commit.events.count {
            return .refused(.duplicateEventID)
        }
        let stored = commit.events.map { event in indexes[event.id].map { events[$0] } }
        for case (let event, let recorded?) in zip(commit.events, stored)
        where !recorded.hasSameBody(as: event) {
            return .refused(.eventIDReused)
        }
        let known = stored.compactMap { $0 }
        if known.count == commit.events.count { return repetition(of: known) }
        if !known.isEmpty { return .refused(.duplicateEventID) }
        if !versionConflicts(of: commit).isEmpty || !graphConflicts(of: commit).isEmpty {
            return .refused(.conflict)
        }
        return nil
    }

    private func repetition(of known: [RecordedEvent]) -> Outcome {
        for (one, following) in zip(known, known.dropFirst()) where following.position != one.position.next {
            return .refused(.duplicateEventID)
        }
        guard let first = known.first, let last = known.last else { return .refused(.invalidArgument) }
        return .stored(
            CommitReceipt(
                firstPosition: first.position, lastPosition: last.position,
                versions: Dictionary(
                    known.map { ($0.aggregateID, $0.version) }, uniquingKeysWith: { max($0, $1) }),
                wasStoredBefore: true))
    }

    /// Every stream of the commit that is not as expected, of which a store may name any.
    public func versionConflicts(of commit: Commit) -> Set<StoreError.VersionConflict> {
        Set(
            commit.expectedVersions.compactMap { id, expected in
                let actual = version(of: id)
                return expected.accepts(actual)
                    ? nil
                    : StoreError.VersionConflict(aggregateID: id, expected: expected, actual: actual)
            })
    }

    /// Every root whose graph is not as expected.
    public func graphConflicts(of commit: Commit) -> Set<AggregateID> {
        Set(
            commit.expectedGraphPositions.compactMap { id, expected in
                (status(of: id)?.graphPosition ?? .beforeFirst) == expected ? nil : id
            })
    }

    /// The version of the last event in a stream; 0 for none.
    public func version(of aggregate: AggregateID) -> Version {
        versions[aggregate] ?? .beforeFirst
    }

    /// What is known about an aggregate or child entity; nil when no event ever touched it.
    public func status(of aggregate: AggregateID) -> AggregateStatus? {
        lastPositions[aggregate].map {
            AggregateStatus(version: version(of: aggregate), graphPosition: $0)
        }
    }

    /// Every event that a query asks for, in its order.
    public func events(_ query: EventQuery) -> [RecordedEvent] {
        let matching = events.filter { query.covers($0) && query.accepts($0) }
        let ordered = query.direction == .forwards ? matching : matching.reversed()
        return query.limit.map { Array(ordered.prefix(max(0, $0))) } ?? ordered
    }
}
