// What the tests of the relay share: a store with events that are easy to tell apart, a router that does as it is told, and a
// relay whose pauses take no time.

import Foundation
import Logging
import Recall
import RecallTestKit
import Synchronization

/// A router that records what it took, and fails as it is told.
final class ScriptedRouter: EventRouter {
    /// Decides what becomes of a call before anything is taken.
    enum Fate: Sendable {
        /// All is taken, unless an event of it is refused.
        case works
        /// So many are taken from the front, then it fails; `reports` tells whether the error says how many.
        case fails(after: Int, isTransient: Bool, reports: Bool)
        /// Nothing is taken.
        case throwing(any Error)
    }

    struct Refusal: Error {}
    struct Down: RoutingFailure { var isTransient: Bool { true } }

    struct State {
        /// Positions in the order in which they were taken, repetitions included.
        var taken: [Position] = []
        /// The positions of each call.
        var calls: [[Position]] = []
        /// Events that are refused each time.
        var poison: Set<Position> = []
        /// Whether an error says which event was refused.
        var namesPoison = true
        /// What becomes of the next calls; when it is used up, they work.
        var fates: [Fate] = []
        /// Runs when an event is taken.
        var onTake: (@Sendable (RecordedEvent) -> Void)?
        /// Runs before a call.
        var onCall: (@Sendable () async -> Void)?
    }

    private let state = Mutex(State())

    func change(_ body: @Sendable (inout State) -> Void) { state.withLock { body(&$0) } }
    var taken: [Position] { state.withLock { $0.taken } }
    var calls: [[Position]] { state.withLock { $0.calls } }

    func route(_ events: [RecordedEvent]) async throws {
        await state.withLock { $0.onCall }?()
        let onTake = state.withLock { $0.onTake }
        let failure = state.withLock { state -> (any Error)? in
            state.calls.append(events.map(\.position))
            let fate = state.fates.isEmpty ? Fate.works : state.fates.removeFirst()
            if case .throwing(let error) = fate { return error }
            var countMax = events.count
            if case .fails(let count, _, _) = fate { countMax = min(count, events.count - 1) }
            for event in events.prefix(countMax) {
                if state.poison.contains(event.position) {
                    guard state.namesPoison else { return Refusal() }
                    return Self.error(from: event, in: events, cause: Refusal())
                }
                state.taken.append(event.position)
                onTake?(event)
            }
            guard case .fails(_, let isTransient, let reports) = fate else { return nil }
            let cause: any Error = isTransient ? Down() : Refusal()
            return reports ? Self.error(from: events[countMax], in: events, cause: cause) : cause
        }
        if let failure { throw failure }
    }

    private static func error(
        from event: RecordedEvent, in events: [RecordedEvent], cause: any Error
    ) -> EventRoutingError {
        EventRoutingError(
            "It was so planned.", unroutedPositions: event.position ... (events.last ?? event).position,
            causes: [cause])
    }
}

/// A store, a router and what they share.
struct RelayBench: Sendable {
    let store = MemoryEventStore()
    let router = ScriptedRouter()
    let state: MemoryRelayStateStore
    let pauses = Gathered<Duration>()

    init(_ state: RelayState = RelayState()) { self.state = MemoryRelayStateStore(state) }

    func relay(
        _ change: (inout RelayConfiguration) -> Void = { _ in }
    ) throws -> Relay {
        var configuration = RelayConfiguration()
        configuration.attemptCountMax = 3
        configuration.clock = .fixed(at: Timestamp(microsecondsSince1970: 7))
        let pauses = pauses
        configuration.sleep = { pauses.add($0) }
        configuration.random = { 1 }
        configuration.logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        change(&configuration)
        return try Relay(
            reading: store, feeding: router, keepingStateIn: state, configuration: configuration)
    }

    /// Appends one event to each of the graphs named, in this order.
    func append(_ roots: [UInt64], payloadBytes: Int = 2) async throws {
        for root in roots {
            let number = try await store.lastPosition().rawValue + 1
            _ = try await store.append(
                Commit(events: [
                    NewEvent(
                        id: EventID(number: number),
                        // Every other event is a child's.
                        aggregateID: AggregateID(number: number.isMultiple(of: 2) ? root + 100 : root),
                        rootID: AggregateID(number: root), type: "Told", payload: Data(count: payloadBytes))
                ]))
        }
    }
}
