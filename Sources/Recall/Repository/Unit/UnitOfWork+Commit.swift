// Load, change, save, for several aggregates at once: the closure runs, what it has staged is stored in one commit, and where somebody else was
// faster it runs again from the beginning.
//
// Invariant: what a closure has decided on was true at one moment, whether it stages, refuses or only looks. A commit proves that by its
// conditions; where there is none, the aggregates are looked at once more.

extension UnitOfWork {
    /// Loads aggregates, changes them and saves them together, in one commit: all of it is stored, or nothing.
    ///
    /// The repositories that take the unit may be of any types, and must work on one event store. Updates of the same aggregates by the same repositories,
    /// alone or in units, take turns with it, in whatever order the aggregates are named. After a conflict with somebody else the whole closure runs again,
    /// with growing pauses, for as long as the `retry` of the first repository says.
    ///
    /// What is thrown was not stored. A router that fails is no error: `UnitReceipt.unrouted` says so.
    /// - Parameters:
    ///   - metadata: stored with each event.
    ///   - timeout: how long after the first attempt another may begin after a conflict; nil for what the configuration of the first repository says.
    ///   - body: loads, changes and makes aggregates by the calls of repositories that take the unit. May run several times, so it should do nothing else;
    ///     others who change the same aggregates wait meanwhile. When it throws, nothing is stored.
    /// - Returns: what `body` returned when its events were stored, where they are, and the aggregates as they are saved.
    /// - Throws: what `body` throws, unchanged; `CancellationError` where the task was cancelled before the commit was with the store; `RepositoryError` for
    ///   what saving throws, with `alreadyExists` where the id of a new aggregate is taken, `conflict` where the time was up, `store` with the cause
    ///   `unsupported` where the store cannot keep the aggregates together, as several shards on Redis, and `reentrant` inside another unit.
    @discardableResult
    public nonisolated(nonsending) static func commit<Result>(
        metadata: EventMetadata = [:], timeout: Duration? = nil,
        _ body: nonisolated(nonsending) (UnitOfWork) async throws -> Result
    ) async throws -> SavedUnit<Result> {
        let attempts = UnitAttempts(metadata, timeout: timeout, idempotencyKey: nil)
        let (result, stored) = try await attempts.run(body)
        return await attempts.saved(result, stored)
    }

    /// Loads aggregates, changes them and saves them together, once for each key.
    ///
    /// A call whose key has stored events before stores nothing, whatever `body` decides now, and returns where these events are, with `wasStoredBefore`. Those of
    /// the aggregates that `body` has named this time are routed again. The key counts in the whole store, and is another one than an equal key of
    /// `Repository.update`.
    /// - Parameters:
    ///   - idempotencyKey: the same for each delivery of one command, and for no other unit of work in the store.
    ///   - metadata: stored with each event.
    ///   - timeout: as for `commit(metadata:timeout:_:)`.
    ///   - body: as for `commit(metadata:timeout:_:)`. May run also for a repetition.
    /// - Returns: what `body` returned, nil for a repetition, where the events are, and the aggregates as they are now.
    /// - Throws: what `commit(metadata:timeout:_:)` throws, for a call that is no repetition.
    @discardableResult
    public nonisolated(nonsending) static func commit<Result>(
        idempotencyKey: String, metadata: EventMetadata = [:], timeout: Duration? = nil,
        _ body: nonisolated(nonsending) (UnitOfWork) async throws -> Result
    ) async throws -> SavedUnit<Result?> {
        let attempts = UnitAttempts(metadata, timeout: timeout, idempotencyKey: idempotencyKey)
        do {
            let (result, stored) = try await attempts.run(body)
            if stored == nil, let before = try await attempts.repetition(of: idempotencyKey) {
                return await attempts.saved(nil, before)
            }
            return await attempts.saved(stored?.receipt.wasStoredBefore == true ? nil : result, stored)
        } catch let error where !(error is CancellationError) {
            // What the store cannot say now is no answer, and the failure stays what it was.
            if let before = try? await attempts.repetition(of: idempotencyKey) {
                return await attempts.saved(nil, before)
            }
            throw error
        }
    }

    /// Stores all that is staged in the unit.
    /// - Returns: nil where nothing was.
    nonisolated(nonsending) func store(
        _ metadata: EventMetadata, idempotencyKey: String?
    ) async throws(RepositoryError) -> StoredCommit? {
        var orders: [AggregateID: [UInt64]] = [:]
        for id in memberIDs { orders[id] = try members[id]?.gather() }
        let all = orders.values.joined().sorted()
        let places = Dictionary(all.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        var commit = Commit(events: [])
        var events: [(order: UInt64, event: NewEvent)] = []
        for id in memberIDs {
            guard let member = members[id], let own = orders[id], !(own.isEmpty && member.isCreated) else {
                continue
            }
            let part = try await member.part(metadata: metadata) { order in
                let key = idempotencyKey.map {
                    EventID(idempotencyKey: $0, aggregateID: .zero, index: places[order] ?? 0)
                }
                return key ?? member.makeEventID()
            }
            events += zip(own, part.events).map { ($0, $1) }
            commit.expectedVersions.merge(part.expectedVersions) { first, _ in first }
            commit.expectedGraphPositions.merge(part.expectedGraphPositions) { first, _ in first }
        }
        guard let store, let first = events.min(by: { $0.order < $1.order }) else { return nil }
        commit.events = events.sorted { $0.order < $1.order }.map(\.event)
        let receipt = try await append(commit, to: store, firstRootID: first.event.rootID)
        await settle(commit, receipt)
        guard members.values.contains(where: \.hasRouter) else {
            return StoredCommit(receipt: receipt, events: [])
        }
        return await store.stored(commit, receipt, clock: .system)
    }

    private nonisolated(nonsending) func append(
        _ commit: Commit, to store: any EventStore, firstRootID: AggregateID
    ) async throws(RepositoryError) -> CommitReceipt {
        do throws(RepositoryError) {
            return try await store.append(
                commit, for: firstRootID, typeOfRoot: { members[$0]?.aggregateType ?? "" })
        } catch {
            guard error.code == .conflict, let id = error.storeError?.versionConflict?.aggregateID,
                let member = members[id], member.isCreated
            else { throw error }
            throw .alreadyExists(id, type: member.aggregateType, conflict: error)
        }
    }

    private nonisolated(nonsending) func settle(_ commit: Commit, _ receipt: CommitReceipt) async {
        var lastIndexes: [AggregateID: Int] = [:]
        for (index, event) in commit.events.enumerated() { lastIndexes[event.rootID] = index }
        for id in memberIDs {
            guard let index = lastIndexes[id] else { continue }
            await members[id]?.settle(
                receipt, lastPosition: receipt.firstPosition.advanced(by: UInt64(index)))
        }
    }

    /// Whether all aggregates are still as they were loaded, so that there was a moment at which all of them were as the closure saw them.
    nonisolated(nonsending) func isAsLoaded() async throws(RepositoryError) -> Bool {
        let loaded = members.values.filter { !$0.isCreated }
        guard let store, loaded.count > 1 else { return true }
        for member in loaded {
            do throws(StoreError) {
                let position = try await store.status(of: member.id)?.graphPosition ?? .beforeFirst
                if position != member.loadedPosition { return false }
            } catch {
                throw .store(error, aggregateID: member.id)
            }
        }
        return true
    }
}
