// Stored events to a router, at least once, whatever dies in between. The order of things is all there is to it: the router
// confirms, then the state is saved, then the next events are looked at. Whoever dies between the first two delivers
// again; nobody can die where an event would be lost.

internal import Synchronization

/// Reads the events of a store from a durable cursor and feeds them to a router.
///
///     let relay = try Relay(
///         reading: log.events, feeding: router, keepingStateIn: try await FileRelayStateStore.open(at: "bank.relay"))
///     try await relay.run()
///
/// - **At least once.** The cursor moves when the router has confirmed, never before. After a crash events may come
///   again; each has the id that it always had.
/// - **In order for each aggregate**, that is for each graph of a root and its children: no event is delivered before the one
///   in front of it was delivered or set aside.
/// - **A refused event is parked** after `attemptCountMax` attempts in which it was delivered alone, and the later
///   events of its graph wait behind it (`RelayConfiguration.parking`). `replayParked()` delivers them in order.
/// - **A destination that is down is waited for**, with growing pauses, for ever: nothing is parked for that. The router says so
///   by a `RoutingFailure`; an error that says nothing counts as a refusal.
/// - **A destination that its owner has closed** ends the run with `closed`, and nothing is parked for that either.
///
/// The store should be one that shows only what is durable, as a log with `Durability.commit` does: after a loss of power
/// another may lack what has been delivered already, and the relay then refuses to go on.
///
/// One relay at a time works on one state.
public final class Relay: Sendable {
    /// What a relay knows while it runs.
    struct Work: Sendable {
        /// What was saved last; nil before it was read, and after a failure to save it.
        var state: RelayState?
        /// Events behind the cursor that have been read already.
        var pending: [RecordedEvent] = []
        /// Up to here events are delivered one at a time, since one of them was refused.
        var aloneThrough: Position = .beforeFirst
        /// Whether the state could not be read or saved the last time: nobody waits for that.
        var hasStateFailed = false
        var counts = RelayCounts()
    }

    let store: any EventStore
    let router: any EventRouter
    let stateStore: any RelayStateStore
    /// What was chosen when the relay was made.
    public let configuration: RelayConfiguration
    /// Whoever delivers or changes the state has it.
    let turn = TaskTurn()
    let work = Mutex(Work())

    /// A relay; it does nothing yet.
    /// - Parameters:
    ///   - store: whose events are delivered.
    ///   - router: gets them. It may get several commits in one call, and the same events again.
    ///   - stateStore: keeps the cursor and what is parked; of this relay alone.
    ///   - configuration: sizes of batches, attempts, pauses.
    /// - Throws: `invalidArgument` where the configuration leaves nothing to do.
    public init(
        reading store: any EventStore, feeding router: any EventRouter,
        keepingStateIn stateStore: any RelayStateStore,
        configuration: RelayConfiguration = RelayConfiguration()
    ) throws(StoreError) {
        try configuration.check()
        self.store = store
        self.router = router
        self.stateStore = stateStore
        self.configuration = configuration
    }

    /// Delivers what is there and then each new event, until the task is cancelled: then it returns, as a service should that
    /// shuts down. A batch that the router has at that moment is waited for as long as the router takes.
    /// - Throws: `closed` where the router, or what it passes events on to, has been closed, for which no
    ///   waiting helps, and nothing is parked for it; `limitExceeded` where as many events are parked as may be;
    ///   `relayStateOfAnotherStore`; or what the store of events or of the state cannot go on after, such as `damaged`. What was
    ///   confirmed before is remembered.
    public func run() async throws(StoreError) {
        do throws(StoreError) {
            try await deliver(through: nil)
        } catch  where error.code == .cancelled && Task.isCancelled {
            // Asked to stop: that is how running ends.
        }
    }

    /// Delivers what is there at the moment of the call, and returns. Waits for a destination that is down.
    /// - Throws: `cancelled` when the task is, since not all is delivered then; otherwise as `run()` does.
    public func drain() async throws(StoreError) {
        try await deliver(through: lastPositionWaiting())
    }

    /// Where the relay is now.
    /// - Throws: what keeps the store of events or of the state from being asked.
    public func status() async throws(StoreError) -> RelayStatus {
        let state = try await stateNow()
        let last = try await store.lastPosition()
        return RelayStatus(
            cursor: state.cursor, lastPosition: last, parkedEventCount: state.parked.count,
            heldEventCount: state.parked.reduce(0) { $0 + $1.heldEventCount },
            counts: work.withLock { $0.counts })
    }

    /// What is parked, by position. Of events that wait behind another only the first is named.
    /// - Throws: what keeps the state from being read.
    public func parked() async throws(StoreError) -> [ParkedEvent] { try await stateNow().parked }

    /// The state without waiting for a delivery that is under way.
    private func stateNow() async throws(StoreError) -> RelayState {
        if let state = work.withLock({ $0.state }) { return state }
        try await takeTurn()
        defer { turn.give() }
        return try await loadedState()
    }

    private func deliver(through target: Position?) async throws(StoreError) {
        while true {
            if Task.isCancelled { throw cancelled() }
            do throws(StoreError) {
                switch try await step(through: target ?? .last) {
                case .advanced: break
                case .failed(let pause): try await wait(pause)
                case .atEnd(let cursor):
                    if target != nil { return }
                    try await store.waitForEvent(after: cursor)
                }
            } catch {
                if Task.isCancelled { throw cancelled() }
                // A store on a server that is down comes back; everything else is for somebody to look at.
                guard error.code == .unavailable, !work.withLock({ $0.hasStateFailed }) else { throw error }
                try await wait(noteTransientFailure(error, of: "the event store"))
            }
        }
    }

    private func lastPositionWaiting() async throws(StoreError) -> Position {
        while true {
            do throws(StoreError) {
                return try await store.lastPosition()
            } catch {
                if Task.isCancelled { throw cancelled() }
                guard error.code == .unavailable else { throw error }
                try await wait(noteTransientFailure(error, of: "the event store"))
            }
        }
    }

    private func wait(_ pause: Duration) async throws(StoreError) {
        do { try await configuration.sleep(pause) } catch { throw cancelled() }
    }

    /// Waits until nobody else delivers or changes the state.
    func takeTurn() async throws(StoreError) {
        do { try await turn.take() } catch { throw cancelled() }
    }

    func cancelled() -> StoreError {
        let cursor = work.withLock { $0.state?.cursor ?? .beforeFirst }
        return StoreError(
            .cancelled,
            "The task was cancelled while the relay was behind position \(cursor); run it again to go on there."
        )
    }
}
