// What a repository and a unit of work ask of a store beyond its protocol: to append what a child may have been removed from before, to give
// back what a commit has become, and to say whether an event id is known.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension EventStore {
    /// Appends, and lets a child come back under the id that an earlier child of its root had.
    /// - Parameters:
    ///   - aggregateID: whom errors are about that name nobody.
    ///   - typeOfRoot: the type of a root of the commit, for errors.
    nonisolated(nonsending) func append(
        _ commit: Commit, for aggregateID: AggregateID, typeOfRoot: (AggregateID) -> AggregateType
    ) async throws(RepositoryError) -> CommitReceipt {
        var commit = commit
        while true {
            do throws(StoreError) {
                return try await append(commit)
            } catch {
                guard let conflict = error.versionConflict else {
                    throw .store(error, aggregateID: aggregateID)
                }
                let id = conflict.aggregateID
                let rootID = commit.events.first { $0.aggregateID == id }?.rootID ?? id
                if id == rootID || conflict.expected != .exact(.beforeFirst) {
                    throw .store(error, aggregateID: rootID)
                }
                // Nothing else is given up by it: the graph must still be as it was loaded.
                commit.expectedVersions[id] = .exact(
                    try await versionOfEarlierChild(
                        id, rootID: rootID, rootType: typeOfRoot(rootID), conflict: error))
            }
        }
    }

    private nonisolated(nonsending) func versionOfEarlierChild(
        _ id: AggregateID, rootID: AggregateID, rootType: AggregateType, conflict: StoreError
    ) async throws(RepositoryError) -> Version {
        let last: RecordedEvent?
        do throws(StoreError) {
            last = try await read(EventQuery(.aggregate(id), direction: .backwards, limit: 1)).events.first
        } catch {
            throw .store(error, aggregateID: rootID)
        }
        guard let last else { throw .store(conflict, aggregateID: rootID) }
        if last.rootID == rootID { return last.version }
        throw RepositoryError(
            .entityOfAnotherRoot,
            "The new child \(id) of \(rootType) \(rootID) has the id of an entity of aggregate \(last.rootID); nothing was written: give the child an id of its own.",
            aggregateID: rootID, cause: conflict)
    }

    /// What is stored, with the events as they are stored.
    nonisolated(nonsending) func stored(
        _ commit: Commit, _ receipt: CommitReceipt, clock: WallClock
    ) async -> StoredCommit {
        guard receipt.wasStoredBefore else {
            let versions = Self.versions(of: commit.events, receipt)
            let events = commit.events.indices.map { index in
                let event = commit.events[index]
                return RecordedEvent(
                    event, position: receipt.firstPosition.advanced(by: UInt64(index)),
                    version: versions[index], time: event.time ?? clock.now())
            }
            return StoredCommit(receipt: receipt, events: events)
        }
        // Their time is that of the first attempt.
        do throws(StoreError) {
            let positions = receipt.firstPosition ... receipt.lastPosition
            return StoredCommit(receipt: receipt, events: try await storedEvents(at: positions))
        } catch {
            return StoredCommit(receipt: receipt, events: [], readError: error)
        }
    }

    /// All events at some positions.
    nonisolated(nonsending) func storedEvents(
        at positions: ClosedRange<Position>
    ) async throws(StoreError) -> [RecordedEvent] {
        var events: [RecordedEvent] = []
        var next: EventQuery? = EventQuery(positions: positions)
        while let query = next {
            let page = try await read(query)
            events += page.events
            next = page.next?.goingOn(behind: page)
        }
        return events
    }

    /// The version of each event, counted back from the last one of its stream.
    private static func versions(of events: [NewEvent], _ receipt: CommitReceipt) -> [Version] {
        if let id = events.first?.aggregateID, let last = receipt.version(of: id),
            events.allSatisfy({ $0.aggregateID == id })
        {
            let before = last.rawValue &- UInt64(events.count)
            return (1 ... UInt64(events.count)).map { Version(before &+ $0) }
        }
        var counts: [AggregateID: UInt64] = [:]
        for event in events { counts[event.aggregateID, default: 0] += 1 }
        var nextVersions = receipt.versions.mapValues(\.rawValue)
        for (id, count) in counts { nextVersions[id, default: count] &-= count }
        return events.map { event in
            nextVersions[event.aggregateID, default: 0] += 1
            return Version(nextVersions[event.aggregateID] ?? 0)
        }
    }

    /// Whether an event id is stored, and where. Every store answers that first when it is given a commit, whatever the commit expects:
    /// one that expects what cannot be is never stored, and fails in another way where its id is known.
    /// - Parameter rootID: a root whose events are where the event is, for a store that divides them.
    /// - Returns: nil where it is not stored.
    nonisolated(nonsending) func stored(
        _ eventID: EventID, inGraphOf rootID: AggregateID
    ) async throws(StoreError) -> StoredEventPlace? {
        let nobody = AggregateID()
        var commit = Commit(events: [
            NewEvent(
                id: eventID, aggregateID: nobody, rootID: rootID, type: "RecallQuestion", payload: Data())
        ])
        commit.expectedVersions[nobody] = .streamExists
        do throws(StoreError) {
            _ = try await append(commit)
            return nil
        } catch {
            switch error.code {
            case .eventIDReused: return error.storedPosition.map { .at($0) } ?? .somewhere
            case .conflict: return nil
            default: throw error
            }
        }
    }
}

/// Where an event is that a store knows.
enum StoredEventPlace: Hashable, Sendable {
    case at(Position)
    /// The store does not say where.
    case somewhere
}
