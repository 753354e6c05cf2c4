// Saving: everything that is staged in the graph becomes one commit, with what must be true for it. Then
// the events are routed, and a snapshot is made when it is due; neither can undo what is stored.

extension Repository {
    /// Stores all that is staged in the root and its children, whole or not at all, and routes it.
    ///
    /// On return the events are as durable as the event store promises, and nothing is staged any more.
    /// When it throws, the events stay staged under the same ids, so that saving the same value again
    /// stores them once, even if the first attempt did reach the store.
    /// - Parameters:
    ///   - root: a root that was loaded, or a new one.
    ///   - metadata: stored with each event, such as a correlation id.
    /// - Returns: where the events are; nil where nothing was staged.
    /// - Throws: `conflict` when the graph is not as it was loaded; `coding` for an event that could not
    ///   be read back; `entityOfAnotherRoot`; `store`. With all these nothing was written. `notRouted`
    ///   when all is stored and the router failed: then `root` is as after a save.
    @discardableResult
    public func save(
        _ root: inout Root, metadata: EventMetadata = [:]
    ) async throws(RepositoryError) -> CommitReceipt? {
        try checkModel(for: root.id)
        let staged = prepareStaged(in: &root)
        if staged.isEmpty { return nil }
        let commit = try self.commit(of: staged, root: root, metadata: metadata)
        let receipt = try await append(commit, of: root)
        let recorded = try await self.recorded(commit, receipt, rootID: root.id)
        if StreamVersions(of: staged, { ($0.aggregateID, $0.version) }) == receipt.streams {
            settle(&root, recorded: recorded)
        } else {
            // An entity came back under an id that had a stream: its version goes on from there.
            forget(root.id)
            root = try await load(root.id)
        }
        let routingError = await route(recorded, rootID: root.id)
        await saveSnapshotIfDue(&root)
        remember(root)
        if let routingError { throw routingError }
        return receipt
    }

    /// Gathers all that is staged, in order, each with an id that stays.
    private func prepareStaged(in root: inout Root) -> [StagedEvent] {
        root.gatherStaged()
        root.lifecycle.staged.sort { $0.order < $1.order }
        for index in root.lifecycle.staged.indices where root.lifecycle.staged[index].eventID == nil {
            root.lifecycle.staged[index].eventID = configuration.makeEventID()
        }
        return root.lifecycle.staged
    }

    private func commit(
        of staged: [StagedEvent], root: Root, metadata: EventMetadata
    ) throws(RepositoryError) -> Commit {
        let now = configuration.clock.now()
        var commit = Commit(events: [])
        commit.events.reserveCapacity(staged.count)
        commit.expectedGraphPositions[root.id] = root.lifecycle.stamp?.position ?? .beforeFirst
        for event in staged {
            do throws(EventCodingError) {
                commit.events.append(
                    try newEvent(event, rootID: root.id, time: now, metadata: metadata))
            } catch {
                throw .coding(error, aggregateID: root.id)
            }
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

    private func newEvent(
        _ event: StagedEvent, rootID: AggregateID, time: Timestamp, metadata: EventMetadata
    ) throws(EventCodingError) -> NewEvent {
        let schema = event.payload.schema
        if !event.isRegistered {
            throw EventCodingError(
                .unregistered,
                "The event \(schema) of \(event.aggregateType) \(event.aggregateID) could not be read back, because its payload \(type(of: event.payload)) is not among the cases of the entity's events; nothing was written: add EventCase(Self.…) for it to `cases`.",
                schema: schema)
        }
        return NewEvent(
            id: event.eventID ?? configuration.makeEventID(), aggregateID: event.aggregateID,
            rootID: rootID, aggregateType: event.aggregateType, type: schema.type,
            schemaVersion: schema.version, time: time,
            contentType: configuration.coder.codec.contentType, metadata: metadata,
            tags: event.payload.tags, payload: try configuration.coder.encode(event.payload))
    }

    /// Appends, and lets a child come back under the id that an earlier child of the root had.
    private func append(_ commit: Commit, of root: Root) async throws(RepositoryError) -> CommitReceipt {
        var commit = commit
        while true {
            do throws(StoreError) {
                return try await configuration.eventStore.append(commit)
            } catch {
                guard let conflict = error.versionConflict, conflict.aggregateID != root.id,
                    conflict.expected == .exact(.beforeFirst)
                else { throw .store(error, aggregateID: root.id) }
                // Nothing else is given up by it: the graph must still be as it was loaded.
                commit.expectedVersions[conflict.aggregateID] = .exact(
                    try await versionOfEarlierChild(conflict.aggregateID, root: root, conflict: error))
            }
        }
    }

    private func versionOfEarlierChild(
        _ id: AggregateID, root: Root, conflict: StoreError
    ) async throws(RepositoryError) -> Version {
        let last: RecordedEvent?
        do throws(StoreError) {
            let query = EventQuery(.aggregate(id), direction: .backwards, limit: 1)
            last = try await configuration.eventStore.read(query).events.first
        } catch {
            throw .store(error, aggregateID: root.id)
        }
        guard let last else { throw .store(conflict, aggregateID: root.id) }
        if last.rootID == root.id { return last.version }
        throw RepositoryError(
            .entityOfAnotherRoot,
            "The new child \(id) of \(Root.aggregateType) \(root.id) has the id of an entity of aggregate \(last.rootID); nothing was written: give the child an id of its own.",
            aggregateID: root.id, cause: conflict)
    }

    /// The events as they are stored.
    private func recorded(
        _ commit: Commit, _ receipt: CommitReceipt, rootID: AggregateID
    ) async throws(RepositoryError) -> [RecordedEvent] {
        if receipt.wasStoredBefore {
            // Their time is that of the first attempt.
            var events: [RecordedEvent] = []
            var next: EventQuery? = EventQuery(positions: receipt.firstPosition ... receipt.lastPosition)
            while let query = next {
                do throws(StoreError) {
                    let page = try await configuration.eventStore.read(query)
                    events += page.events
                    next = page.next
                } catch {
                    throw .store(error, aggregateID: rootID)
                }
            }
            return events
        }
        let versions = Self.versions(of: commit.events, receipt)
        return commit.events.indices.map { index in
            let event = commit.events[index]
            return RecordedEvent(
                event, position: receipt.firstPosition.advanced(by: UInt64(index)), version: versions[index],
                time: event.time ?? configuration.clock.now())
        }
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

    /// Makes a root whose events are stored what a loaded one is.
    private func settle(_ root: inout Root, recorded: [RecordedEvent]) {
        root.lifecycle.staged = []
        guard let last = recorded.last else { return }
        let count = root.lifecycle.stamp?.unsnapshottedEventCount ?? 0
        root.lifecycle.stamp = GraphStamp(
            position: last.position, eventID: last.id, unsnapshottedEventCount: count + recorded.count)
        var links = ChildLinks()
        links.noteNewcomers(of: &root)
    }

    private func route(_ events: [RecordedEvent], rootID: AggregateID) async -> RepositoryError? {
        guard let router = configuration.router, let first = events.first, let last = events.last else {
            return nil
        }
        do {
            try await router.route(events)
            return nil
        } catch {
            let unrouted =
                (error as? EventRoutingError)?.unroutedPositions ?? first.position ... last.position
            return RepositoryError(
                .notRouted,
                "The events at positions \(first.position) to \(last.position) of \(Root.aggregateType) \(rootID) are stored, and those at \(unrouted.lowerBound) to \(unrouted.upperBound) were not routed: route them again from the store.",
                aggregateID: rootID, cause: error, unroutedPositions: unrouted)
        }
    }
}
