// Load, change, save. Updates of one aggregate take turns, so those of one repository never conflict; where somebody else was
// faster, the aggregate is loaded and changed again. The change runs on a copy each time, so that nothing of a refused or
// repeated attempt is left.
//
// The turn ends when the events are stored. What a router does with them comes after it, and may update any aggregate.

extension Repository {
    /// Loads an aggregate, changes it and saves it.
    ///
    /// Updates of one aggregate by one repository are carried out one after the other, in the order in which they were called;
    /// those of other aggregates go on beside them. After a conflict with somebody else the aggregate is loaded and changed
    /// again, with growing pauses, for as long as `RepositoryConfiguration.retry` says.
    ///
    /// What is thrown was not stored. A router that fails is no error: `SaveReceipt.routing` says so.
    /// - Parameters:
    ///   - metadata: stored with each event.
    ///   - timeout: how long after the first attempt another may begin after a conflict; nil for what the
    ///     configuration says.
    ///   - change: decides on the loaded state what happens. May run several times, so it should do
    ///     nothing but stage events. When it throws, nothing is stored.
    /// - Returns: the aggregate as it is saved, what `change` returned when its events were stored, and where they are.
    /// - Throws: what `change` throws, unchanged; `CancellationError` where the task was cancelled before the commit was
    ///   with the store; `RepositoryError` for what `load` and `save` throw, with `closed` for an aggregate that has ended, `conflict` where the time was up,
    ///   `busy` where too many wait already, and `reentrant` from inside a change of the same aggregate.
    @discardableResult
    public nonisolated(nonsending) func update<Result>(
        _ id: AggregateID, metadata: EventMetadata = [:], timeout: Duration? = nil,
        _ change: (inout Root) throws -> Result
    ) async throws -> Saved<Root, Result> {
        let (root, result, stored) = try await changeInTurn(id, metadata, timeout, change)
        let receipt = await finished(stored, rootID: id)
        return Saved(aggregate: root, result: result, receipt: receipt)
    }

    /// Makes a new aggregate and saves it.
    /// - Parameters:
    ///   - id: the identity of the new aggregate.
    ///   - metadata: stored with each event.
    ///   - change: stages the first events. When it throws, or stages nothing, nothing is stored.
    /// - Returns: the aggregate as it is saved, what `change` returned, and where the events are.
    /// - Throws: what `change` throws, unchanged; `CancellationError` where the task was cancelled before the commit was
    ///   with the store; `RepositoryError`, with `alreadyExists` where the id is taken.
    @discardableResult
    public nonisolated(nonsending) func create<Result>(
        _ id: AggregateID = AggregateID(), metadata: EventMetadata = [:],
        _ change: (inout Root) throws -> Result
    ) async throws -> Saved<Root, Result> {
        let (root, result, stored) = try await makeNew(id, metadata, change)
        let receipt = await finished(stored, rootID: id)
        return Saved(aggregate: root, result: result, receipt: receipt)
    }

    /// Carries out a command on an aggregate, as `update(_:metadata:timeout:_:)` does.
    /// - Returns: the aggregate as it is saved, and where the events are.
    /// - Throws: the command's `Refusal`, unchanged, and then nothing is stored; what `update` throws.
    @discardableResult
    public nonisolated(nonsending) func perform<Request: Command>(
        _ command: Request, on id: AggregateID, metadata: EventMetadata = [:], timeout: Duration? = nil
    ) async throws -> Saved<Root, Void> where Request.Target == Root {
        try await update(id, metadata: metadata, timeout: timeout) { root in try command.execute(on: &root) }
    }

    /// Carries out a command on a new aggregate, as `create(_:metadata:_:)` does.
    /// - Returns: the aggregate as it is saved, and where the events are.
    /// - Throws: the command's `Refusal`, unchanged, and then nothing is stored; what `create` throws.
    @discardableResult
    public nonisolated(nonsending) func perform<Request: Command>(
        _ command: Request, creating id: AggregateID, metadata: EventMetadata = [:]
    ) async throws -> Saved<Root, Void> where Request.Target == Root {
        try await create(id, metadata: metadata) { root in try command.execute(on: &root) }
    }
}

extension Repository {
    /// Makes and stores a new aggregate.
    nonisolated(nonsending) func makeNew<Result>(
        _ id: AggregateID, _ metadata: EventMetadata, idempotencyKey: String? = nil,
        _ change: (inout Root) throws -> Result
    ) async throws -> (Root, Result, StoredCommit?) {
        try Task.checkCancellation()
        try checkModel(for: id)
        var root = Root(id: id)
        let result = try change(&root)
        let stored = try await uncancelled { () throws(RepositoryError) in
            do throws(RepositoryError) {
                return try await store(
                    &root, from: Root(id: id), metadata: metadata, idempotencyKey: idempotencyKey)
            } catch  where error.code == .conflict {
                throw .alreadyExists(id, type: Root.aggregateType, conflict: error)
            }
        }
        return (root, result, stored)
    }

    /// Changes and stores an aggregate while nobody else of the repository updates it.
    nonisolated(nonsending) func changeInTurn<Result>(
        _ id: AggregateID, _ metadata: EventMetadata, _ timeout: Duration?, idempotencyKey: String? = nil,
        _ change: (inout Root) throws -> Result
    ) async throws -> (Root, Result, StoredCommit?) {
        try await takeTurn(of: id)
        defer { turns.give(id) }
        let retry = configuration.retry
        var conflictCount = 0
        var deadline: ContinuousClock.Instant?
        while true {
            try Task.checkCancellation()
            let base = try await uncancelled { () throws(RepositoryError) in try await load(id) }
            var root = base
            let scope = UpdateScope(repository: ObjectIdentifier(self), aggregateID: id)
            let result = try UpdateScope.$running.withValue(UpdateScope.running + [scope]) {
                try change(&root)
            }
            if deadline == nil { deadline = retry.now() + (timeout ?? retry.timeout) }
            do {
                let stored = try await uncancelled { () throws(RepositoryError) in
                    try await store(
                        &root, from: base, metadata: metadata, idempotencyKey: idempotencyKey)
                }
                return (root, result, stored)
            } catch let error as RepositoryError where error.code == .conflict {
                conflictCount += 1
                let pause = retry.backOff.delay(afterFailures: conflictCount, random: retry.random())
                guard let deadline, retry.now() + pause < deadline else {
                    throw error.afterAttempts(conflictCount, within: timeout ?? retry.timeout)
                }
                try await retry.sleep(pause)
            }
        }
    }

    private nonisolated(nonsending) func takeTurn(of id: AggregateID) async throws {
        try Task.checkCancellation()
        // Also where the turn is free: a unit waits for turns in one order, and an update inside of it would not keep to that.
        if UpdateScope.isInUnit { throw RepositoryError.insideUnit(id, type: Root.aggregateType) }
        if turns.takeIfFree(id) { return }
        let scope = UpdateScope(repository: ObjectIdentifier(self), aggregateID: id)
        if UpdateScope.running.contains(scope) {
            throw RepositoryError.reentrant(id, type: Root.aggregateType)
        }
        switch await turns.take(id) {
        case .taken: return
        case .cancelled: throw CancellationError()
        case .full: throw RepositoryError.busy(id, type: Root.aggregateType)
        }
    }

    /// Says that a task was cancelled in the way in which the standard library does.
    nonisolated(nonsending) func uncancelled<Value>(
        _ body: () async throws(RepositoryError) -> Value
    ) async throws -> Value {
        do {
            return try await body()
        } catch  where error.code == .cancelled {
            throw CancellationError()
        }
    }
}

extension RepositoryError {
    fileprivate static func reentrant(_ id: AggregateID, type: AggregateType) -> RepositoryError {
        RepositoryError(
            .reentrant,
            "An update of \(type) \(id) was called from inside the change of another update of it, which would wait for itself; nothing was written by the inner one: stage all events in one change, or call the second update when the first has returned.",
            aggregateID: id)
    }

    static func busy(_ id: AggregateID, type: AggregateType) -> RepositoryError {
        RepositoryError(
            .busy,
            "As many updates of \(type) \(id) wait as may; nothing was written: call again later, or raise waitingUpdateCountMax.",
            aggregateID: id)
    }

    func afterAttempts(_ count: Int, within timeout: Duration) -> RepositoryError {
        var error = self
        error.message =
            "Others changed aggregate \(aggregateID) at each of \(count) attempts to update it within \(timeout); nothing was written: try again later, or raise the timeout."
        return error
    }
}
