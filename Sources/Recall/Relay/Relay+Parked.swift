// What becomes of parked events: they are delivered again when somebody asks for it, with those that wait behind
// them and in order, or are discarded. Each delivery has the turn, so the cursor does not move meanwhile, and a graph stops
// waiting only when all of it up to the cursor got through.

internal import Logging
internal import Synchronization

extension Relay {
    /// How a delivery of a parked event ended.
    private enum Replay: Sendable {
        /// Where the next event of the graph is that has not got through; nil where all have.
        case delivered(count: Int, next: Position?)
        /// A batch was refused: which event it was shows when they are delivered one at a time, from the first on.
        case again(count: Int, first: Position, aloneThrough: Position)
        case refused(ParkedEvent)
        case gone
    }

    /// Delivers every parked event once more, with those that wait behind it, in order. What is refused again stays parked.
    /// Runs beside `run()`, and without it.
    /// - Returns: how many got through, and what was refused again.
    /// - Throws: `unavailable` where the router's destination is down, `closed` where it has been closed, `cancelled`, or as `run()` does. What got through is not
    ///   parked any more.
    @discardableResult
    public func replayParked() async throws(StoreError) -> RelayReplayReport {
        var report = RelayReplayReport()
        for event in try await parked() { try await replay(from: event.position, &report) }
        return report
    }

    /// Delivers one parked event once more, with those that wait behind it, in order.
    /// - Parameter position: where it is.
    /// - Throws: `notFound` where no event is parked there; otherwise as `replayParked()` does.
    @discardableResult
    public func replayParked(at position: Position) async throws(StoreError) -> RelayReplayReport {
        guard try await parked().contains(where: { $0.position == position }) else {
            throw notParked(position)
        }
        var report = RelayReplayReport()
        try await replay(from: position, &report)
        return report
    }

    /// Gives a parked event up: it is never delivered. Those that wait behind it are delivered now, in order.
    /// - Parameter position: where it is.
    /// - Returns: what became of those behind it.
    /// - Throws: `notFound` where no event is parked there; otherwise as `replayParked()` does.
    @discardableResult
    public func discardParked(at position: Position) async throws(StoreError) -> RelayReplayReport {
        var report = RelayReplayReport()
        if let next = try await discard(position) { try await replay(from: next, &report) }
        return report
    }

    private func discard(_ position: Position) async throws(StoreError) -> Position? {
        try await takeTurn()
        defer { turn.give() }
        var state = try await loadedState()
        guard let index = state.parkedIndex(at: position) else { throw notParked(position) }
        let event = state.parked[index]
        var next: RecordedEvent?
        if event.isHolding, position < state.cursor {
            next = try await read(
                EventQuery(.graph(event.rootID), positions: position.next ... state.cursor), of: state,
                countMax: 1
            ).first
        }
        state.moveParked(index, to: next, passedCount: 1, at: configuration.clock.now())
        try await keep(state)
        configuration.logger.notice(
            "The event \"\(event.eventType)\" at position \(position) of \(event.rootID) was discarded; it is not delivered"
        )
        return next?.position
    }

    private func replay(
        from position: Position, _ report: inout RelayReplayReport
    ) async throws(StoreError) {
        var position = position
        var aloneThrough = position
        while true {
            if Task.isCancelled { throw cancelled() }
            switch try await deliverParked(at: position, aloneThrough: aloneThrough) {
            case .delivered(let count, let next):
                report.deliveredEventCount += count
                guard let next else { return }
                position = next
            case .again(let count, let first, let last):
                report.deliveredEventCount += count
                (position, aloneThrough) = (first, last)
            case .refused(let event):
                report.refused.append(event)
                return
            case .gone: return
            }
        }
    }

    private func deliverParked(
        at position: Position, aloneThrough: Position
    ) async throws(StoreError) -> Replay {
        try await takeTurn()
        defer { turn.give() }
        var state = try await loadedState()
        guard let index = state.parkedIndex(at: position) else { return .gone }
        let (batch, next) = try await parkedBatch(
            state.parked[index], of: state, isAlone: position <= aloneThrough)
        let now = configuration.clock.now()
        do {
            try await router.route(batch)
        } catch {
            if Task.isCancelled { throw cancelled() }
            let failure = RelayFailure(error, of: batch)
            let first = batch[failure.confirmedCount]
            if failure.confirmedCount > 0 {
                noteSuccess(eventCount: failure.confirmedCount, isWhole: false)
                state.moveParked(index, to: first, passedCount: failure.confirmedCount, at: now)
                try await keep(state)
            }
            if failure.isClosed {
                throw StoreError(
                    .closed,
                    "The parked event at position \(first.position) could not be delivered, because the router, or what it passes events on to, has been closed (\(ErrorText.reason(error))): make another, and a relay that feeds it.",
                    cause: error)
            }
            if failure.isTransient {
                work.withLock { $0.counts.transientFailureCount += 1 }
                throw StoreError(
                    .unavailable,
                    "The parked event at position \(first.position) could not be delivered, because its destination cannot be reached (\(ErrorText.reason(error))): replay it when that is back.",
                    cause: error)
            }
            work.withLock { $0.counts.refusalCount += 1 }
            if batch.count > 1 {
                let last = batch[batch.count - 1].position
                return .again(
                    count: failure.confirmedCount, first: first.position,
                    aloneThrough: failure.isCertain ? first.position : last)
            }
            let refused = state.parked[index].refusedAgain(error, at: now)
            state.parked[index] = refused
            try await keep(state)
            return .refused(refused)
        }
        noteSuccess(eventCount: batch.count, isWhole: true)
        state.moveParked(index, to: next, passedCount: batch.count, at: now)
        try await keep(state)
        return .delivered(count: batch.count, next: next?.position)
    }

    /// The parked event, those that wait behind it as far as they fit, and the one that follows.
    private func parkedBatch(
        _ parkedEvent: ParkedEvent, of state: RelayState, isAlone: Bool
    ) async throws(StoreError) -> (batch: [RecordedEvent], next: RecordedEvent?) {
        let (position, cursor) = (parkedEvent.position, state.cursor)
        let countMax = isAlone ? 1 : configuration.batchEventCountMax
        let query =
            parkedEvent.isHolding
            ? EventQuery(.graph(parkedEvent.rootID), positions: position ... max(position, cursor))
            : EventQuery(positions: position ... position)
        let events = try await read(query, of: state, countMax: countMax + 1)
        guard let first = events.first, first.position == position, first.id == parkedEvent.eventID else {
            throw StoreError(
                .relayStateOfAnotherStore,
                "The event \(parkedEvent.eventID) is parked, but the store does not have it at position \(position): give the relay the store that it belongs to, or discard the event."
            )
        }
        let portion = RelayPortion(
            of: events, through: .last, countMax: countMax, bytesMax: configuration.batchBytesMax,
            leavingOut: [])
        return (portion.batch, events.dropFirst(portion.batch.count).first)
    }

    private func notParked(_ position: Position) -> StoreError {
        StoreError(
            .notFound,
            "No event is parked at position \(position): ask the relay what is (`parked()`), since events that wait behind another are not named."
        )
    }
}

extension ParkedEvent {
    /// The same event, refused once more.
    fileprivate func refusedAgain(_ error: any Error, at time: Timestamp) -> ParkedEvent {
        ParkedEvent(
            position: position, eventID: eventID, rootID: rootID, eventType: eventType,
            attemptCount: attemptCount + 1,
            reason: "It was refused by the router when it was replayed, \(attemptCount + 1) times in all.",
            cause: ErrorText.account(of: error), time: time, isHolding: isHolding,
            heldEventCount: heldEventCount)
    }
}
