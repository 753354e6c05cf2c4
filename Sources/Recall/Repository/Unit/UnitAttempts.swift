// A unit of work from its call to its end, over all attempts: each has members of its own, and all hold the same turns.

/// The attempts to commit one unit of work.
final class UnitAttempts {
    private let metadata: EventMetadata
    private let timeout: Duration?
    private let idempotencyKey: String?
    private let turns = UnitTurns()
    /// That of the last attempt.
    private var unit: UnitOfWork
    /// Whether the last attempt had turns only after its closure had run.
    private var hasWaitedLate = false

    init(_ metadata: EventMetadata, timeout: Duration?, idempotencyKey: String?) {
        self.metadata = metadata.filled(from: EventMetadata.current)
        self.timeout = timeout
        self.idempotencyKey = idempotencyKey
        unit = UnitOfWork(turns: turns)
    }

    /// Runs the closure and stores what it has staged, until nobody was faster or the time is up. No turn is held on return.
    nonisolated(nonsending) func run<Result>(
        _ body: nonisolated(nonsending) (UnitOfWork) async throws -> Result
    ) async throws -> (Result, StoredCommit?) {
        if UpdateScope.isInUnit { throw RepositoryError.unitInsideUnit }
        defer { turns.giveAll() }
        var conflictCount = 0
        var deadline: ContinuousClock.Instant?
        var hasForgiven = false
        while true {
            try Task.checkCancellation()
            let outcome = try await attempt(body)
            guard case .conflict(let error) = outcome else { return try outcome.get() }
            let retry = unit.retry ?? ConflictRetry()
            if hasWaitedLate, !hasForgiven {
                // It was a neighbour, most likely, whose turn the unit has waited for too late and has now: no attempt that counts.
                hasForgiven = true
                continue
            }
            conflictCount += 1
            if deadline == nil { deadline = retry.now() + (timeout ?? retry.timeout) }
            let pause = retry.backOff.delay(afterFailures: conflictCount, random: retry.random())
            guard let deadline, retry.now() + pause < deadline else {
                throw error.afterAttempts(conflictCount, within: timeout ?? retry.timeout)
            }
            try await retry.sleep(pause)
        }
    }

    /// How an attempt ended.
    private enum Outcome<Result> {
        case done(Result, StoredCommit?)
        /// Somebody was faster.
        case conflict(RepositoryError)

        func get() throws -> (Result, StoredCommit?) {
            switch self {
            case .done(let result, let stored): (result, stored)
            case .conflict(let error): throw error
            }
        }
    }

    private nonisolated(nonsending) func attempt<Result>(
        _ body: nonisolated(nonsending) (UnitOfWork) async throws -> Result
    ) async throws -> Outcome<Result> {
        let unit = UnitOfWork(turns: turns)
        self.unit = unit
        hasWaitedLate = false
        let result: Result
        do {
            defer { unit.isOver = true }
            result = try await UpdateScope.$isInUnit.withValue(true) { try await body(unit) }
        } catch let error where !(error is CancellationError) {
            // Refused for what never was at one moment, it is not refused. Where the store cannot say, the failure stays what it was.
            if (try? await unit.isAsLoaded()) ?? true { throw error }
            try await waitLate()
            return .conflict(unit.changedMeanwhile)
        }
        try await waitLate()
        do throws(RepositoryError) {
            if let stored = try await unit.store(metadata, idempotencyKey: idempotencyKey) {
                return .done(result, stored)
            }
            return try await unit.isAsLoaded() ? .done(result, nil) : .conflict(unit.changedMeanwhile)
        } catch {
            switch error.code {
            case .conflict: return .conflict(error)
            case .cancelled: throw CancellationError()
            default: throw error
            }
        }
    }

    /// Waits for the turns that the closure has gone without. Nobody stores anything without them: who has a turn is never told of a conflict with a
    /// neighbour.
    private nonisolated(nonsending) func waitLate() async throws {
        guard turns.isIncomplete else { return }
        hasWaitedLate = true
        try await turns.takeAllInOrder()
    }

    /// What an earlier call with the key has stored; nil where there was none. The aggregates are loaded again then.
    nonisolated(nonsending) func repetition(of key: String) async throws(RepositoryError) -> StoredCommit? {
        guard let store = unit.store else { return nil }
        let rootID = unit.memberIDs.first ?? AggregateID()
        var events: [RecordedEvent] = []
        do throws(StoreError) {
            let firstID = EventID(idempotencyKey: key, aggregateID: .zero, index: 0)
            switch try await store.stored(firstID, inGraphOf: rootID) {
            case nil: return nil
            case .somewhere:
                throw StoreError(
                    .unsupported,
                    "The command with the key \(key) is stored, and the store does not say where (StoreError.storedPosition); nothing was written: look for the event \(firstID)."
                )
            case .at(let position): events = try await store.events(of: key, from: position)
            }
        } catch {
            throw .store(error, aggregateID: rootID)
        }
        guard let first = events.first, let last = events.last else { return nil }
        for member in unit.members.values { try await member.reload() }
        let receipt = CommitReceipt(
            firstPosition: first.position, lastPosition: last.position,
            streams: StreamVersions(of: events) { ($0.aggregateID, $0.version) }, wasStoredBefore: true)
        return StoredCommit(receipt: receipt, events: events)
    }

    /// Routes what is stored, and says what became of it.
    nonisolated(nonsending) func saved<Result>(
        _ result: Result, _ stored: StoredCommit?
    ) async -> SavedUnit<Result> {
        var receipt = UnitReceipt(commit: stored?.receipt)
        if let stored {
            for id in unit.memberIDs {
                if let unrouted = await unit.members[id]?.route(stored).unrouted {
                    receipt.unrouted.append(unrouted)
                }
            }
        }
        return SavedUnit(
            result: result, receipt: receipt, aggregates: unit.members.mapValues { $0.aggregate })
    }
}

extension EventStore {
    /// The events of a key's commit, which stand one after the other.
    fileprivate nonisolated(nonsending) func events(
        of key: String, from position: Position
    ) async throws(StoreError) -> [RecordedEvent] {
        var events: [RecordedEvent] = []
        var next: EventQuery? = EventQuery(positions: position ... .last)
        while let query = next {
            let page = try await read(query)
            for event in page.events {
                guard event.id == EventID(idempotencyKey: key, aggregateID: .zero, index: events.count) else {
                    return events
                }
                events.append(event)
            }
            next = page.next
        }
        return events
    }
}

extension UnitOfWork {
    /// The conflict of a unit that stores nothing.
    fileprivate var changedMeanwhile: RepositoryError {
        RepositoryError(
            .conflict,
            "The aggregates of a unit of work were changed while it looked at them; nothing was written: call again.",
            aggregateID: memberIDs.first ?? .zero)
    }
}

extension RepositoryError {
    fileprivate static var unitInsideUnit: RepositoryError {
        RepositoryError(
            .reentrant,
            "A unit of work was begun inside another one, which it would not be part of; nothing was written by the inner one: do all in one unit, or begin the second when the first is committed.",
            aggregateID: .zero)
    }
}
