// Loading: from memory, else from a snapshot, else from the first event on, and in each case all that
// the store holds behind it. A state is only gone on from when the store still has the very event that
// it ends with; so a store that was restored to an earlier time is read anew.

extension Repository {
    /// The aggregate as it is now, with all its children.
    /// - Throws: `notFound` for one that was never saved; `closed` for one that has ended; `coding` for an event that the program does
    ///   not understand; `wrongAggregateType`; `store`.
    public func load(_ id: AggregateID) async throws(RepositoryError) -> Root {
        let root = try await loadClosedToo(id)
        if root.isClosed { throw .closed(id, type: Root.aggregateType, version: root.version) }
        return root
    }

    /// The aggregate as it is now, also where it has ended.
    func loadClosedToo(_ id: AggregateID) async throws(RepositoryError) -> Root {
        try checkModel(for: id)
        if let known = remembered(id) {
            if let root = try await caughtUp(known) {
                remember(root)
                return root
            }
            forget(id)
        }
        if let root = try await loadFromSnapshot(id) {
            remember(root)
            return root
        }
        var replay = GraphReplay<Root>(id: id, coder: configuration.coder)
        for try await page in pages(EventQuery(.graph(id)), of: id) {
            try replay.apply(page)
        }
        let root = try finished(replay)
        remember(root)
        return root
    }

    /// The aggregate as it was, with all its children; one that has ended, too.
    /// - Throws: `notFound` where it did not exist yet; `versionNotReached` for a version that has not
    ///   been; otherwise what `load(_:)` throws.
    public func load(_ id: AggregateID, asOf moment: HistoricalMoment) async throws(RepositoryError) -> Root {
        try checkModel(for: id)
        var replay = GraphReplay<Root>(id: id, coder: configuration.coder)
        let end = try await lastPosition(of: id, asOf: moment)
        let query = EventQuery(.graph(id), positions: .first ... max(.first, end))
        read: for try await page in pages(query, of: id) {
            let past = page.prefix { $0.position <= end && !moment.isPassed(by: $0, ofRoot: id) }
            try replay.apply(past)
            if past.count < page.count { break read }
        }
        let root = try finished(replay)
        if case .version(let wanted) = moment, root.version < wanted {
            throw RepositoryError(
                .versionNotReached,
                "\(Root.aggregateType) \(id) is at version \(root.version) and has never had version \(wanted): ask for a version up to \(root.version).",
                aggregateID: id)
        }
        return root
    }

    /// Where a moment lies in the order of events at the latest; `beforeFirst` where no event is so old.
    private func lastPosition(
        of id: AggregateID, asOf moment: HistoricalMoment
    ) async throws(RepositoryError) -> Position {
        guard case .time(let time) = moment else { return .last }
        let query = EventQuery(.graph(id), direction: .backwards, until: time, limit: 1)
        for try await page in pages(query, of: id) {
            if let event = page.first { return event.position }
        }
        return .beforeFirst
    }

    /// A root with the events that the store holds behind it; nil where its last event is not in the
    /// store, so that it belongs to another history.
    func caughtUp(_ root: Root, through last: Position = .last) async throws(RepositoryError) -> Root? {
        guard let stamp = root.lifecycle.stamp else { return nil }
        var replay = GraphReplay(root, coder: configuration.coder)
        var isFirst = true
        let query = EventQuery(.graph(root.id), positions: stamp.position ... max(stamp.position, last))
        for try await page in pages(query, of: root.id) {
            var rest = page[...]
            if isFirst, let first = rest.popFirst() {
                guard first.position == stamp.position, first.id == stamp.eventID else { return nil }
                isFirst = false
            }
            if !rest.isEmpty { try replay.apply(rest) }
        }
        return isFirst ? nil : try finished(replay)
    }

    /// The root of a finished replay, ready to be worked with.
    func finished(_ replay: GraphReplay<Root>) throws(RepositoryError) -> Root {
        var root = replay.root
        if root.version == .beforeFirst { throw .notFound(root.id, type: Root.aggregateType) }
        if root.lifecycle.clock == nil { root.adopt(StagingClock()) }
        return root
    }

    func pages(_ query: EventQuery, of id: AggregateID) -> GraphPages {
        GraphPages(store: configuration.eventStore, next: query, aggregateID: id)
    }
}

/// The pages of a query, with the errors of a repository. Each proves that the store still holds what the one before ended with.
struct GraphPages: AsyncSequence, AsyncIteratorProtocol {
    let store: any EventStore
    var next: EventQuery?
    let aggregateID: AggregateID
    /// The first page is read in any case, so that most loads are not in the way of work that tidies up.
    var isFirst = true

    func makeAsyncIterator() -> GraphPages { self }

    mutating func next() async throws -> [RecordedEvent]? { try await next(isolation: nil) }

    mutating func next(
        isolation actor: isolated (any Actor)?
    ) async throws(RepositoryError) -> [RecordedEvent]? {
        guard let query = next else { return nil }
        if Task.isCancelled, !isFirst { throw .cancelled(loading: aggregateID) }
        isFirst = false
        do throws(StoreError) {
            let page = try await store.read(query)
            next = page.next?.goingOn(behind: page)
            return page.events
        } catch {
            throw .store(error, aggregateID: aggregateID)
        }
    }
}

extension RepositoryError {
    fileprivate static func cancelled(loading id: AggregateID) -> RepositoryError {
        RepositoryError(
            .cancelled,
            "The task was cancelled while aggregate \(id) was loaded; load it again when it is needed.",
            aggregateID: id)
    }
}
