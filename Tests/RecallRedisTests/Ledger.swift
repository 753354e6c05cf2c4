// What writers were told, held against what a store has: the one question that every failure of a server raises.

import Foundation
import Recall
import RecallTestKit
import Synchronization
import Testing

/// Appends that were acknowledged, and those whose fate is open.
final class Ledger: Sendable {
    private struct State: Sendable {
        var acknowledged: [EventID: Position] = [:]
        var attempted: Set<EventID> = []
        var isOver = false
    }

    private let state = Mutex(State())

    /// Tells the writers to end.
    func end() { state.withLock { $0.isOver = true } }

    private var isOver: Bool { state.withLock { $0.isOver } }

    var acknowledgedCount: Int { state.withLock { $0.acknowledged.count } }

    /// One writer's work on a stream of its own: commits of two events, each expecting the version that the last one led
    /// to, until it is told to end. A commit that fails is appended again with the same ids.
    func write(to stream: AggregateID, in store: any EventStore)
        async throws
    {
        var version = Version.beforeFirst
        while !isOver {
            let events = (0 ..< 2).map { index in
                NewEvent(aggregateID: stream, type: "Happened", payload: Data("\(version)+\(index)".utf8))
            }
            let commit = Commit(events, to: stream, expecting: .exact(version))
            state.withLock { $0.attempted.formUnion(events.map(\.id)) }
            while true {
                do throws(StoreError) {
                    let receipt = try await store.append(commit)
                    version = version.advanced(by: 2)
                    #expect(receipt.version(of: stream) == version)
                    state.withLock { state in
                        for (index, event) in events.enumerated() {
                            state.acknowledged[event.id] = receipt.firstPosition.advanced(by: UInt64(index))
                        }
                    }
                    break
                } catch {
                    if error.code != .unavailable { throw error }
                    if isOver { return }
                }
            }
        }
    }

    /// Everything that was acknowledged is there, at the position that was told, once; nothing else is but what was
    /// attempted; positions and versions have no gaps, and each stream is in its writer's order.
    func check(_ store: any EventStore) async throws {
        var events: [RecordedEvent] = []
        for try await event in store.events() { events.append(event) }
        let (acknowledged, attempted) = state.withLock { ($0.acknowledged, $0.attempted) }
        #expect(
            events.map(\.position.rawValue)
                == Array(1 ... UInt64(max(1, events.count))).prefix(events.count).map { $0 })
        let found = Dictionary(events.map { ($0.id, $0.position) }, uniquingKeysWith: { first, _ in first })
        #expect(found.count == events.count, "an event is stored twice")
        let lost = acknowledged.filter { found[$0.key] != $0.value }
        #expect(
            lost.isEmpty, "\(lost.count) of \(acknowledged.count) acknowledged events are lost or elsewhere")
        #expect(attempted.isSuperset(of: found.keys), "the store has what nobody appended")
        for (stream, own) in Dictionary(grouping: events, by: \.aggregateID) {
            #expect(
                own.map(\.version.rawValue) == Array(1 ... UInt64(own.count)), "the versions of \(stream)")
            let payloads = own.indices.map { "\($0 / 2 * 2)+\($0 % 2)" }
            #expect(
                own.map { String(decoding: $0.payload, as: UTF8.self) } == payloads, "the order of \(stream)")
        }
    }
}
