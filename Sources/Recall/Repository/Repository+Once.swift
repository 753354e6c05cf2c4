// Commands that may come twice: from a queue that delivers again, or a caller that did not hear the answer. A key that is the same each time
// gives the command's events their ids, and a store takes an id once. So nothing is kept beside the events, and there is no window after
// which a repetition would be new.
//
// The first delivery costs nothing more. That it was a repetition shows when the events are stored already, or when the state that the
// first one left lets nothing happen: then the first event is looked for before anybody hears of a failure.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension Repository {
    /// Loads an aggregate, changes it and saves it, once for each key.
    ///
    /// A call whose key has stored events of this aggregate before stores nothing, whatever `change` decides now, and returns where these
    /// events are, with `wasStoredBefore`; they are routed again. A change that stages nothing leaves no trace, so it is made again.
    /// - Parameters:
    ///   - idempotencyKey: the same for each delivery of one command, and for no other command to this aggregate.
    ///   - metadata: stored with each event.
    ///   - timeout: how long after the first attempt another may begin after a conflict; nil for what the
    ///     configuration says.
    ///   - change: decides on the loaded state what happens. May run several times, and also for a repetition.
    /// - Returns: the aggregate as it is now, what `change` returned, nil for a repetition, and where the events are.
    /// - Throws: what `update(_:metadata:timeout:_:)` throws, for a call that is no repetition.
    @discardableResult
    public nonisolated(nonsending) func update<Result>(
        _ id: AggregateID, idempotencyKey: String, metadata: EventMetadata = [:], timeout: Duration? = nil,
        _ change: (inout Root) throws -> Result
    ) async throws -> Saved<Root, Result?> {
        try await once(idempotencyKey, id) {
            let (root, result, stored) = try await changeInTurn(
                id, metadata, timeout, idempotencyKey: idempotencyKey, change)
            return (root, result, stored)
        }
    }

    /// Makes a new aggregate and saves it, once for each key.
    ///
    /// A call whose key has stored events of this aggregate before stores nothing, and returns where these events are, with
    /// `wasStoredBefore`; they are routed again.
    /// - Parameters:
    ///   - id: the identity of the new aggregate, the same for each delivery.
    ///   - idempotencyKey: the same for each delivery of one command.
    ///   - metadata: stored with each event.
    ///   - change: stages the first events.
    /// - Returns: the aggregate as it is now, what `change` returned, nil for a repetition, and where the events are.
    /// - Throws: what `create(_:metadata:_:)` throws, for a call that is no repetition.
    @discardableResult
    public nonisolated(nonsending) func create<Result>(
        _ id: AggregateID, idempotencyKey: String, metadata: EventMetadata = [:],
        _ change: (inout Root) throws -> Result
    ) async throws -> Saved<Root, Result?> {
        try await once(idempotencyKey, id) {
            let (root, result, stored) = try await makeNew(
                id, metadata, idempotencyKey: idempotencyKey, change)
            return (root, result, stored)
        }
    }

    /// Carries out a command on an aggregate, once for each key, as `update(_:idempotencyKey:metadata:timeout:_:)` does.
    /// - Returns: the aggregate as it is now, and where the events are.
    /// - Throws: the command's `Refusal`, unchanged, and then nothing is stored; what `update` throws.
    @discardableResult
    public nonisolated(nonsending) func perform<Request: Command>(
        _ command: Request, on id: AggregateID, idempotencyKey: String, metadata: EventMetadata = [:],
        timeout: Duration? = nil
    ) async throws -> Saved<Root, Void> where Request.Target == Root {
        let saved = try await update(
            id, idempotencyKey: idempotencyKey, metadata: metadata, timeout: timeout
        ) { root in try command.execute(on: &root) }
        return Saved(aggregate: saved.aggregate, result: (), receipt: saved.receipt)
    }

    /// Carries out a command on a new aggregate, once for each key, as `create(_:idempotencyKey:metadata:_:)` does.
    /// - Returns: the aggregate as it is now, and where the events are.
    /// - Throws: the command's `Refusal`, unchanged, and then nothing is stored; what `create` throws.
    @discardableResult
    public nonisolated(nonsending) func perform<Request: Command>(
        _ command: Request, creating id: AggregateID, idempotencyKey: String, metadata: EventMetadata = [:]
    ) async throws -> Saved<Root, Void> where Request.Target == Root {
        let saved = try await create(id, idempotencyKey: idempotencyKey, metadata: metadata) { root in
            try command.execute(on: &root)
        }
        return Saved(aggregate: saved.aggregate, result: (), receipt: saved.receipt)
    }

    /// Does something that stores events under the ids of a key, unless that has been done before.
    private nonisolated(nonsending) func once<Result>(
        _ key: String, _ id: AggregateID, _ attempt: () async throws -> (Root, Result, StoredCommit?)
    ) async throws -> Saved<Root, Result?> {
        do {
            let (root, result, stored) = try await attempt()
            if let stored {
                let receipt = await finished(stored, rootID: id)
                if !stored.receipt.wasStoredBefore {
                    return Saved(aggregate: root, result: result, receipt: receipt)
                }
                // What was changed is the state of the first delivery.
                return Saved(aggregate: try await loadClosedToo(id), result: nil, receipt: receipt)
            }
            if let before: Saved<Root, Result?> = try await repetition(key, id) { return before }
            return Saved(aggregate: root, result: result, receipt: SaveReceipt())
        } catch let error where !(error is CancellationError) {
            // What the store cannot say now is no answer, and the failure stays what it was.
            if let before: Saved<Root, Result?> = try? await repetition(key, id) { return before }
            throw error
        }
    }

    /// What an earlier call with a key has stored; nil where there was none.
    private nonisolated(nonsending) func repetition<Result>(
        _ key: String, _ id: AggregateID
    ) async throws(RepositoryError) -> Saved<Root, Result?>? {
        let events: [RecordedEvent]
        do throws(StoreError) {
            let eventID = EventID(idempotencyKey: key, aggregateID: id, index: 0)
            guard try await configuration.eventStore.stored(eventID, inGraphOf: id) != nil else { return nil }
            events = try await storedEvents(of: key, id)
        } catch {
            throw .store(error, aggregateID: id)
        }
        guard let first = events.first, let last = events.last else { return nil }
        let receipt = CommitReceipt(
            firstPosition: first.position, lastPosition: last.position,
            streams: StreamVersions(of: events) { ($0.aggregateID, $0.version) }, wasStoredBefore: true)
        let root = try await loadClosedToo(id)
        let saved = await finished(StoredCommit(receipt: receipt, events: events), rootID: id)
        return Saved(aggregate: root, result: nil, receipt: saved)
    }

    /// The events that a key has stored, looked for from the newest of the aggregate on.
    private nonisolated(nonsending) func storedEvents(
        of key: String, _ id: AggregateID
    ) async throws(StoreError) -> [RecordedEvent] {
        let first = EventID(idempotencyKey: key, aggregateID: id, index: 0)
        var next: EventQuery? = EventQuery(.graph(id), direction: .backwards)
        while let query = next {
            let page = try await configuration.eventStore.read(query)
            if let found = page.events.first(where: { $0.id == first }) {
                return try await commit(of: key, id, from: found.position)
            }
            next = page.next
        }
        return []
    }

    /// The events of a key's commit, which stand one after the other.
    private nonisolated(nonsending) func commit(
        of key: String, _ id: AggregateID, from position: Position
    ) async throws(StoreError) -> [RecordedEvent] {
        var events: [RecordedEvent] = []
        var next: EventQuery? = EventQuery(.graph(id), positions: position ... .last)
        while let query = next {
            let page = try await configuration.eventStore.read(query)
            for event in page.events {
                guard event.id == EventID(idempotencyKey: key, aggregateID: id, index: events.count) else {
                    return events
                }
                events.append(event)
            }
            next = page.next
        }
        return events
    }
}
