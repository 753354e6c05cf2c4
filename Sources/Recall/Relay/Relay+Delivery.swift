// One delivery: some events behind the cursor, one call of the router, and what follows from how it ended.

internal import Logging
internal import Synchronization

extension Relay {
    /// How a step ended.
    enum Step: Sendable {
        /// Something got through or was set aside, or is to be tried in another way at once.
        case advanced
        /// There is nothing more up to the target; where the cursor is.
        case atEnd(EventCursor)
        /// Nothing more got through; how long to wait.
        case failed(pause: Duration)
    }

    /// Delivers one batch.
    /// - Parameter target: the last position that is delivered.
    func step(through target: Position) async throws(StoreError) -> Step {
        try await takeTurn()
        defer { turn.give() }
        var state = try await loadedState()
        // A store that ends in front of the cursor has lost what was delivered.
        if state.cursor > target { try await check(state) }
        guard state.cursor < target, try await readAhead(behind: &state, through: target) else {
            return .atEnd(state.eventCursor)
        }
        let portion = nextPortion(of: state, through: target)
        if !portion.batch.isEmpty {
            do {
                try await router.route(portion.batch)
            } catch {
                if Task.isCancelled { throw cancelled() }
                return try await routingFailed(error, portion, state)
            }
        }
        state.advance(over: portion.events)
        try await keep(state)
        if !portion.batch.isEmpty { noteSuccess(eventCount: portion.batch.count, isWhole: true) }
        return .advanced
    }

    /// Sees to it that events behind the cursor are in memory, from a store that is still the one that the state belongs to.
    /// - Returns: whether there are any.
    private func readAhead(
        behind state: inout RelayState, through target: Position
    ) async throws(StoreError) -> Bool {
        // The last one by itself is read again with those behind it: it did not fit into a batch, whose rest would be it alone.
        if let first = work.withLock({ $0.pending.count > 1 ? $0.pending.first : nil }) {
            return first.position <= target
        }
        let page = try await page(
            behind: state, through: target, countMax: configuration.batchEventCountMax)
        state.history = page.cursor?.history ?? state.history
        work.withLock { $0.pending = page.events }
        return !page.events.isEmpty
    }

    /// What is delivered next.
    private func nextPortion(of state: RelayState, through target: Position) -> RelayPortion {
        let held = state.heldRootIDs
        return work.withLock { work in
            let first = work.pending.first?.position ?? .last
            let isAlone = first <= work.aloneThrough || first == state.refusal?.position
            return RelayPortion(
                of: work.pending, through: target, countMax: isAlone ? 1 : configuration.batchEventCountMax,
                bytesMax: configuration.batchBytesMax, leavingOut: held)
        }
    }

    private func routingFailed(
        _ error: any Error, _ portion: RelayPortion, _ before: RelayState
    ) async throws(StoreError) -> Step {
        let failure = RelayFailure(error, of: portion.batch)
        let first = portion.batch[failure.confirmedCount]
        var state = before
        state.advance(over: portion.events.prefix { $0.position < first.position })
        if failure.confirmedCount > 0 { noteSuccess(eventCount: failure.confirmedCount, isWhole: false) }
        if failure.isClosed {
            if state != before { try await keep(state) }
            throw StoreError(
                .closed,
                "The router of the relay, or what it passes events on to, has been closed, and the event at position \(first.position) could not be delivered (\(ErrorText.reason(error))): make another router, and a relay that feeds it.",
                cause: error)
        }
        if failure.isTransient {
            if state != before { try await keep(state) }
            return .failed(pause: noteTransientFailure(error, of: "the router"))
        }
        work.withLock { $0.counts.refusalCount += 1 }
        guard portion.batch.count == 1 else {
            // Which event it was is certain only of one that was delivered alone.
            if state != before { try await keep(state) }
            let last = portion.batch[portion.batch.count - 1].position
            work.withLock { $0.aloneThrough = failure.isCertain ? first.position : last }
            return .advanced
        }
        return try await refused(first, error, state)
    }

    private func refused(
        _ event: RecordedEvent, _ error: any Error, _ before: RelayState
    ) async throws(StoreError) -> Step {
        var state = before
        let earlierCount = state.refusal?.position == event.position ? state.refusal?.attemptCount : nil
        let attemptCount = (earlierCount ?? 0) + 1
        let attempts = "refused \(attemptCount) times"
        if attemptCount < configuration.attemptCountMax {
            state.refusal = RelayRefusal(position: event.position, attemptCount: attemptCount)
            try await keep(state)
            configuration.logger.warning(
                "The event \"\(event.type)\" at position \(event.position) was \(attempts) and is tried again: \(ParkedEvent.cut(ErrorText.account(of: error), toBytes: ParkedEvent.causeBytesMax))"
            )
            return .failed(pause: noteFailure(error, countInARow: attemptCount))
        }
        guard state.parked.count < configuration.parkedCountMax else {
            throw StoreError(
                .limitExceeded,
                "The event at position \(event.position) was \(attempts) (\(ErrorText.reason(error))), and \(state.parked.count) events are parked already, which is as many as may be: correct what refuses them and replay them, or discard them, then run the relay again.",
                cause: error)
        }
        state.park(
            ParkedEvent(
                position: event.position, eventID: event.id, rootID: event.rootID, eventType: event.type,
                attemptCount: attemptCount, reason: "It was \(attempts) by the router.",
                cause: ErrorText.account(of: error),
                time: configuration.clock.now(), isHolding: configuration.parking == .holdingGraph))
        try await keep(state)
        work.withLock { work in
            work.counts.parkedEventCount += 1
            work.counts.failureCountInARow = 0
            work.counts.lastFailure = nil
        }
        configuration.logger.error(
            "The event \"\(event.type)\" at position \(event.position) of \(event.rootID) is parked, having been \(attempts): \(ParkedEvent.cut(ErrorText.account(of: error), toBytes: ParkedEvent.causeBytesMax))"
        )
        return .advanced
    }
}
