// Routing what a save has stored. It comes after the store and can undo nothing, so that whatever a router does is an
// outcome beside the receipt: it is told to the caller, to the log and to whoever the configuration names.

internal import Logging

extension Repository {
    /// Routes once more what is stored and did not get through, from the store. Handlers that took the events may get them
    /// again.
    /// - Parameter unrouted: as a receipt or `RepositoryConfiguration.onUnrouted` named it.
    /// - Returns: whether they got through now.
    /// - Throws: `store` where the events cannot be read.
    @discardableResult
    public nonisolated(nonsending) func routeAgain(
        _ unrouted: UnroutedEvents
    ) async throws(RepositoryError) -> RoutingOutcome {
        let events: [RecordedEvent]
        do throws(StoreError) {
            // Those between them that a unit of work stored for other roots are not meant.
            events = try await configuration.eventStore.storedEvents(at: unrouted.positions)
                .filter { $0.rootID == unrouted.aggregateID }
        } catch {
            throw .store(error, aggregateID: unrouted.aggregateID)
        }
        return await route(events, rootID: unrouted.aggregateID)
    }

    /// Routes what was stored.
    nonisolated(nonsending) func finished(_ stored: StoredCommit?, rootID: AggregateID) async -> SaveReceipt {
        guard let stored else { return SaveReceipt() }
        if let error = stored.readError {
            let positions = stored.receipt.firstPosition ... stored.receipt.lastPosition
            let outcome = await failed(positions, of: positions, rootID: rootID, cause: error)
            return SaveReceipt(commit: stored.receipt, routing: outcome)
        }
        return SaveReceipt(commit: stored.receipt, routing: await route(stored.events, rootID: rootID))
    }

    nonisolated(nonsending) func route(
        _ events: [RecordedEvent], rootID: AggregateID
    ) async -> RoutingOutcome {
        guard let router = configuration.router, let first = events.first, let last = events.last else {
            return .nothingToRoute
        }
        do {
            try await router.route(events)
            return .routed
        } catch {
            let stored = first.position ... last.position
            // Positions that no event of the commit has say nothing about it.
            let named = (error as? EventRoutingError)?.unroutedPositions
            let unrouted = named.flatMap { stored.overlaps($0) ? $0.clamped(to: stored) : nil } ?? stored
            return await failed(unrouted, of: stored, rootID: rootID, cause: error)
        }
    }

    nonisolated(nonsending) func failed(
        _ unrouted: ClosedRange<Position>, of stored: ClosedRange<Position>, rootID: AggregateID,
        cause: any Error
    ) async -> RoutingOutcome {
        let events = UnroutedEvents(
            "The events at positions \(stored.lowerBound) to \(stored.upperBound) of \(Root.aggregateType) \(rootID) are stored, and those at \(unrouted.lowerBound) to \(unrouted.upperBound) were not routed: do not save them again, but route them again from the store.",
            aggregateID: rootID, positions: unrouted, cause: cause)
        configuration.logger.error("\(events.message)", metadata: ["cause": "\(cause)"])
        await configuration.onUnrouted?(events)
        return .failed(events)
    }
}
