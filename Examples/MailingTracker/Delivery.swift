// Events on their way to the router: a relay beside the commands, and a count of what the router has confirmed.

import Foundation
import Recall
import RecallLog

/// Feeds a router from the store, from the moment of its making on.
final class Delivery: Sendable {
    private let relay: Relay
    private let counter: DeliveryCounter

    /// - Parameter statePath: where the relay keeps its cursor; nil for in memory.
    init(from store: any EventStore, to router: any EventRouter, statePath: String?) async throws {
        counter = DeliveryCounter(router)
        let states: any RelayStateStore
        if let statePath {
            states = try await FileRelayStateStore.open(at: statePath)
        } else {
            // What is there already was somebody else's to deliver.
            states = MemoryRelayStateStore(RelayState(cursor: try await store.lastPosition()))
        }
        relay = try Relay(reading: store, feeding: counter, keepingStateIn: states)
    }

    /// Delivers until the task is cancelled.
    func run() async throws { try await relay.run() }

    /// Delivers the rest, and says what could not be.
    /// - Returns: how many events of each type were delivered, from a position on.
    func finish(from firstPosition: Position) async throws -> [EventType: Int] {
        try await relay.drain()
        for event in try await relay.parked() {
            print("The event at position \(event.position) was refused and is parked: \(event.reason)")
        }
        return await counter.counts(from: firstPosition)
    }
}

/// Remembers what a router has confirmed. An event that is delivered twice counts once.
private actor DeliveryCounter: EventRouter {
    private let router: any EventRouter
    private var types: [Position: EventType] = [:]

    init(_ router: any EventRouter) { self.router = router }

    func route(_ events: [RecordedEvent]) async throws {
        do {
            try await router.route(events)
        } catch let error as EventRoutingError {
            note(events.prefix { $0.position < error.unroutedPositions.lowerBound })
            throw error
        }
        note(events[...])
    }

    private func note(_ events: ArraySlice<RecordedEvent>) {
        for event in events { types[event.position] = event.type }
    }

    func counts(from firstPosition: Position) -> [EventType: Int] {
        types.reduce(into: [:]) { counts, entry in
            if entry.key >= firstPosition { counts[entry.value, default: 0] += 1 }
        }
    }
}
