// Saving: everything that is staged in the graph becomes one commit, with what must be true for it, and a snapshot is made
// when it is due.
//
// Invariant: what is thrown was not stored, as far as the store can tell. Whatever fails after the append has no say in it.

internal import Logging

/// What a save has stored.
struct StoredCommit: Sendable {
    var receipt: CommitReceipt
    /// The events as they are stored, for a router; empty where there is none.
    var events: [RecordedEvent]
    /// Why they could not be read where that was necessary.
    var readError: StoreError?
}

extension Repository {
    /// Stores all that is staged in the root and its children, whole or not at all, and routes it.
    ///
    /// On return the events are as durable as the event store promises, and nothing is staged any more.
    /// When it throws, the events stay staged under the same ids and with the same bytes, so that saving the same value
    /// again stores them once, even if the first attempt did reach the store.
    ///
    /// A save does not wait for updates of the aggregate: whoever comes second meets a conflict.
    /// - Parameters:
    ///   - root: a root that was loaded, or a new one.
    ///   - metadata: stored with each event, such as a correlation id. Events of a save whose fate is unknown keep what they
    ///     were sent with.
    /// - Returns: where the events are, and whether they got to the router: a router that fails is no error, since
    ///   the events are stored.
    /// - Throws: `conflict` when the graph is not as it was loaded; `closed` for events after a final one; `coding` for an event that could not
    ///   be read back; `entityOfAnotherRoot`; `stagedInApply`; `stateWithoutEvent`; `cancelled`. With all these nothing was
    ///   written. `store` where the event store failed, whose error says what is known.
    @discardableResult
    public nonisolated(nonsending) func save(
        _ root: inout Root, metadata: EventMetadata = [:]
    ) async throws(RepositoryError) -> SaveReceipt {
        let stored = try await store(&root, from: nil, metadata: metadata)
        return await finished(stored, rootID: root.id)
    }

    /// Stores what is staged, without routing it.
    /// - Parameters:
    ///   - base: the root as it was before the change; nil where that is not known.
    ///   - idempotencyKey: what gives the events their ids; nil for new ones.
    /// - Returns: nil where nothing was staged.
    nonisolated(nonsending) func store(
        _ root: inout Root, from base: Root?, metadata: EventMetadata, idempotencyKey: String? = nil
    ) async throws(RepositoryError) -> StoredCommit? {
        if UpdateScope.isInUnit { throw .insideUnit(root.id, type: Root.aggregateType) }
        let metadata = metadata.filled(from: EventMetadata.current)
        try gather(&root)
        try encodeStaged(in: &root, idempotencyKey: idempotencyKey)
        let staged = root.lifecycle.staged
        let commit = commit(of: staged, root: root, metadata: metadata)
        if configuration.checks.comparesAtSave {
            try await check(root, from: base, with: commit.events, versions: staged.map(\.version))
        }
        if staged.isEmpty { return nil }
        let receipt: CommitReceipt
        do throws(RepositoryError) {
            receipt = try await configuration.eventStore.append(
                commit, for: root.id, typeOfRoot: { _ in Root.aggregateType })
        } catch {
            if error.leavesFateUnknown { root.keepMetadata(metadata) }
            throw error
        }
        let lastID = staged[staged.count - 1].encoded?.id
        await settle(
            &root, lastPosition: receipt.lastPosition, lastEventID: lastID, eventCount: staged.count,
            isAsStaged:
                StreamVersions(of: staged, { ($0.aggregateID, $0.version) }) == receipt.streams)
        guard configuration.router != nil else { return StoredCommit(receipt: receipt, events: []) }
        return await configuration.eventStore.stored(commit, receipt, clock: configuration.clock)
    }

    /// Draws all that is staged up to the root, in the order in which it happened, and refuses what may not be.
    func gather(_ root: inout Root) throws(RepositoryError) {
        try checkModel(for: root.id)
        root.gatherStaged()
        root.lifecycle.staged.sort { $0.order < $1.order }
        if let misuse = root.misuse { throw .stagedInApply(misuse, aggregateID: root.id) }
        try checkEnd(of: root)
    }

    /// Refuses what is staged after the root's end.
    private func checkEnd(of root: Root) throws(RepositoryError) {
        guard root.isClosed, let last = root.lifecycle.staged.last else { return }
        let end = root.lifecycle.staged.first { $0.aggregateID == root.id && $0.isFinal }
        if end?.order != last.order { throw .happensAfterTheEnd(root.id, type: Root.aggregateType) }
    }

    /// Gives each staged event that has none an id and the bytes that stay.
    private func encodeStaged(
        in root: inout Root, idempotencyKey: String?
    ) throws(RepositoryError) {
        let rootID = root.id
        try encodeStaged(in: &root) { index in
            let id = idempotencyKey.map { EventID(idempotencyKey: $0, aggregateID: rootID, index: index) }
            return id ?? configuration.makeEventID()
        }
    }

    /// Gives each staged event that has none the bytes that stay, and an id by its place among those of the root.
    func encodeStaged(in root: inout Root, eventID: (Int) -> EventID) throws(RepositoryError) {
        for index in root.lifecycle.staged.indices where root.lifecycle.staged[index].encoded == nil {
            let event = root.lifecycle.staged[index]
            do throws(EventCodingError) {
                let encoded = try configuration.coder.encoded(
                    event.fact, of: "\(event.aggregateType) \(event.aggregateID)")
                root.lifecycle.staged[index].encoded = StagedEvent.Encoded(
                    id: eventID(index), event: encoded)
            } catch {
                throw .coding(error, aggregateID: root.id)
            }
        }
    }

    /// What is to be stored of a root's events, with what must be true for it.
    func commit(of staged: [StagedEvent], root: Root, metadata: EventMetadata) -> Commit {
        let now = configuration.clock.now()
        var commit = Commit(events: [])
        commit.events.reserveCapacity(staged.count)
        commit.expectedGraphPositions[root.id] = root.lifecycle.stamp?.position ?? .beforeFirst
        for event in staged {
            guard let encoded = event.encoded else { continue }
            let stored = encoded.event
            commit.events.append(
                NewEvent(
                    id: encoded.id, aggregateID: event.aggregateID, rootID: root.id,
                    aggregateType: event.aggregateType, type: stored.schema.type,
                    schemaVersion: stored.schema.version, time: now,
                    contentType: stored.contentType, metadata: event.sentMetadata ?? metadata,
                    tags: stored.tags, payload: stored.bytes))
            // What comes first in its stream says what was there before.
            if commit.expectedVersions[event.aggregateID] == nil {
                commit.expectedVersions[event.aggregateID] = .exact(event.version.previous)
            }
        }
        // Also where only children changed: their events are in the root's graph.
        if commit.expectedVersions[root.id] == nil {
            commit.expectedVersions[root.id] = .exact(root.version)
        }
        return commit
    }

    /// Makes a root whose events are stored what a loaded one is, takes a snapshot where one is due, and keeps it in memory.
    /// - Parameters:
    ///   - lastPosition: where the last event of the root's graph is.
    ///   - isAsStaged: whether each entity has the version that it was staged with.
    nonisolated(nonsending) func settle(
        _ root: inout Root, lastPosition: Position, lastEventID: EventID?, eventCount: Int, isAsStaged: Bool
    ) async {
        root.lifecycle.staged = []
        if let lastEventID {
            let count = root.lifecycle.stamp?.unsnapshottedEventCount ?? 0
            root.lifecycle.stamp = GraphStamp(
                position: lastPosition, eventID: lastEventID,
                unsnapshottedEventCount: count + eventCount)
        }
        var links = ChildLinks()
        links.noteNewcomers(of: &root)
        if !isAsStaged {
            // An entity came back under an id that had a stream: its version goes on from there.
            forget(root.id)
            do throws(RepositoryError) {
                root = try await loadClosedToo(root.id)
            } catch {
                // Saving the root once more is a conflict then, and the next load begins anew.
                return configuration.logger.warning(
                    "A root that is saved could not be read again; load it before it is changed.",
                    metadata: ["aggregateID": "\(root.id)", "cause": "\(error)"])
            }
        }
        // What is kept is not gone on from where it is known to differ from its events.
        if await saveSnapshotIfDue(&root) { remember(root) } else { forget(root.id) }
    }
}

extension Entity {
    /// What `apply` did wrong for one of the staged events; nil where nothing is known.
    fileprivate var misuse: String? {
        if let misuse = lifecycle.misuse { return misuse }
        for event in lifecycle.staged where event.misuse != nil { return event.misuse }
        return nil
    }

    /// Keeps what events were sent with that may be stored, so that sending them again is a repetition.
    fileprivate mutating func keepMetadata(_ metadata: EventMetadata) {
        for index in lifecycle.staged.indices where lifecycle.staged[index].sentMetadata == nil {
            lifecycle.staged[index].sentMetadata = metadata
        }
    }
}

extension RepositoryError {
    /// Whether the commit may have been stored in spite of the error.
    fileprivate var leavesFateUnknown: Bool {
        guard code == .store, let storeError else { return false }
        let nothingWritten: [StoreError.Code] = [
            .eventIDReused, .duplicateEventID, .limitExceeded, .invalidArgument, .readOnly, .unsupported,
        ]
        return !nothingWritten.contains(storeError.code)
    }
}
