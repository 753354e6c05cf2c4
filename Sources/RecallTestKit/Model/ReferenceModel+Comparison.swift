// Holds a store against the model: what it answered to a commit, and everything it holds.

public import Recall

extension ReferenceModel {
    /// Appends a commit to a store and to the model, and compares the answers.
    /// - Returns: what the commit led to.
    /// - Throws: `ConformanceFailure` where the store answers otherwise than the model; what the store
    ///   throws, where that is no answer to the commit.
    @discardableResult
    public mutating func append(_ commit: Commit, comparing store: any EventStore) async throws -> Outcome {
        let positionBefore = lastPosition
        let brief = commit.brief
        let found = try await answer(to: commit, of: store)
        let time = try await assignedTime(of: commit, in: store)
        let expected = append(commit, time: time)
        try expectEqual(found, expected, "The answer to \(brief) at position \(positionBefore)")
        let last = try await store.lastPosition()
        try expectEqual(last, lastPosition, "The last position after \(brief)")
        return found
    }

    private func answer(to commit: Commit, of store: any EventStore) async throws -> Outcome {
        do throws(StoreError) {
            return .stored(try await store.append(commit))
        } catch {
            if !Self.refusals.contains(error.code) { throw error }
            try check(error, of: commit)
            return .refused(error.code)
        }
    }

    private static let refusals: Set<StoreError.Code> = [
        .conflict, .eventIDReused, .duplicateEventID, .invalidArgument, .limitExceeded,
    ]

    private func check(_ error: StoreError, of commit: Commit) throws(ConformanceFailure) {
        guard error.code == .conflict else { return }
        let conflicts = versionConflicts(of: commit)
        if let named = error.versionConflict {
            try expect(
                conflicts.contains(named),
                "The conflict of \(commit.brief): expected one of \(conflicts), found \(named).")
        } else if graphConflicts(of: commit).isEmpty {
            throw ConformanceFailure(
                "The conflict of \(commit.brief): expected the versions of one of \(conflicts), found none.")
        }
    }

    /// The time that a store gave to a commit's events without one; any, where the commit is not there.
    private func assignedTime(of commit: Commit, in store: any EventStore) async throws -> Timestamp {
        let none = Timestamp(microsecondsSince1970: 0)
        guard let timeless = commit.events.first(where: { $0.time == nil }) else { return none }
        let query = EventQuery(positions: lastPosition.next ... .last)
        return try await store.readToEnd(query).first { $0.id == timeless.id }?.time ?? none
    }

    /// Compares all that a store holds with the model: everything forwards and backwards, each stream,
    /// each graph and each status.
    /// - Throws: `ConformanceFailure` where they differ; what the store throws.
    public func compare(with store: any EventStore) async throws {
        try expectEqual(try await store.lastPosition(), lastPosition, "The last position")
        try await compare(EventQuery(), with: store)
        try await compare(EventQuery(direction: .backwards), with: store)
        for id in Set(events.map(\.aggregateID)).union(events.map(\.rootID)) {
            try await compare(EventQuery(.aggregate(id)), with: store)
            try await compare(EventQuery(.graph(id)), with: store)
            try expectEqual(try await store.status(of: id), status(of: id), "The status of \(id)")
        }
    }

    // Inlined into a conformance case, this makes Swift 6.3.1 crash in an optimized build, while it splits the
    // case's coroutine.
    /// Compares what a store and the model answer to a query.
    /// - Throws: `ConformanceFailure` where they differ; what the store throws.
    @inline(never)
    public func compare(_ query: EventQuery, with store: any EventStore) async throws {
        try expectEvents(try await store.readToEnd(query), events(query), "Reading \(query.brief)")
    }
}

extension Commit {
    /// What a message needs to know of a commit.
    var brief: String {
        let streams = events.map { "\($0.type) to \($0.aggregateID)" }.joined(separator: ", ")
        return
            "a commit of \(events.count) events (\(streams)) expecting \(expectedVersions) and graphs \(expectedGraphPositions)"
    }
}

extension EventQuery {
    /// The query without what it leaves open.
    var brief: String {
        var parts = ["\(scope) \(direction)"]
        if positions != .first ... .last { parts.append("positions \(positions)") }
        if versions != .first ... .last { parts.append("versions \(versions)") }
        if !eventTypes.isEmpty { parts.append("event types \(eventTypes.sorted())") }
        if !aggregateTypes.isEmpty { parts.append("aggregate types \(aggregateTypes.sorted())") }
        if let matching {
            let items = matching.items.map { "\($0.types.sorted()) \($0.tags.sorted())" }
            parts.append("matching \(items)")
        }
        if let since { parts.append("since \(since.microsecondsSince1970)") }
        if let until { parts.append("until \(until.microsecondsSince1970)") }
        if let limit { parts.append("limit \(limit)") }
        parts.append("\(pageEventCountMax) a page")
        return parts.joined(separator: ", ")
    }
}
