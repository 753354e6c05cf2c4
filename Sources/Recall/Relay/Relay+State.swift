// The relay's state: read once and held against the store, saved before anything rests on it, and read anew after a failure to
// save it, since what is kept is unknown then.

internal import Synchronization

extension StoreError.Code {
    /// The cursor of a relay names an event that the store does not have.
    public static let relayStateOfAnotherStore = StoreError.Code("relayStateOfAnotherStore")
}

extension Relay {
    /// The state, read where that has not been done. Whoever calls has the turn.
    func loadedState() async throws(StoreError) -> RelayState {
        if let state = work.withLock({ $0.state }) { return state }
        let state: RelayState
        do throws(StoreError) {
            state = try await stateStore.load()
        } catch {
            work.withLock { $0.hasStateFailed = true }
            throw error
        }
        work.withLock { $0.hasStateFailed = false }
        try await check(state)
        work.withLock { work in
            work.state = state
            work.pending = []
        }
        return state
    }

    /// Saves a state; from then on it is the relay's. Whoever calls has the turn.
    func keep(_ state: RelayState) async throws(StoreError) {
        do throws(StoreError) {
            try await stateStore.save(state)
        } catch {
            work.withLock { work in
                work.state = nil
                work.pending = []
                work.hasStateFailed = true
            }
            throw error
        }
        work.withLock { work in
            work.state = state
            let passed = work.pending.prefix { $0.position <= state.cursor }.count
            work.pending.removeFirst(passed)
        }
    }

    /// A cursor in a store that was replaced, or that was cut off after a loss of power, would pass over events.
    func check(_ state: RelayState) async throws(StoreError) {
        guard state.cursor > .beforeFirst else { return }
        _ = try await page(behind: state, through: state.cursor.next, countMax: 1)
    }

    /// Events behind the cursor, from a store that still holds the event at the cursor.
    func page(
        behind state: RelayState, through target: Position, countMax: Int
    ) async throws(StoreError) -> EventPage {
        var query = EventQuery(positions: state.cursor.next ... max(state.cursor.next, target))
        query.limit = countMax
        query.pageEventCountMax = countMax
        query.pageBytesMax = max(1, configuration.batchBytesMax)
        return try await page(query, of: state)
    }

    /// A page of a store that still holds the event at the cursor.
    private func page(_ query: EventQuery, of state: RelayState) async throws(StoreError) -> EventPage {
        var query = query
        query.cursor = state.eventCursor
        do throws(StoreError) {
            return try await store.read(query)
        } catch {
            guard error.code == .anotherHistory else { throw error }
            throw StoreError(
                .relayStateOfAnotherStore,
                "The relay has delivered up to position \(state.cursor) of another history than the store's: \(error.message) For a relay that is a new state at a position that you choose.",
                cause: error)
        }
    }

    /// The first events of a query: fewer than asked for only where there are no more, or where they have more bytes than a batch, and
    /// then two at least. The store still holds the event at the cursor.
    func read(
        _ query: EventQuery, of state: RelayState, countMax: Int
    ) async throws(StoreError) -> [RecordedEvent] {
        var events: [RecordedEvent] = []
        var query = query
        query.limit = countMax
        query.pageEventCountMax = countMax
        query.pageBytesMax = max(1, configuration.batchBytesMax)
        var bytesCount = 0
        var next: EventQuery? = query
        while let asked = next, events.count < countMax {
            if events.count >= 2, bytesCount > configuration.batchBytesMax { break }
            let page = try await page(asked, of: state)
            events += page.events
            bytesCount = page.events.reduce(bytesCount) { $0 + $1.contentBytesCount }
            next = page.next
        }
        return events
    }
}
