// The story: in a minute of kills and failovers a live subscription missed 16 of 55,050 stored events, in silence. Three masters with a
// replica each; 24 writers; masters are killed, stopped and failed over, and the store's slot moves; a subscription and a relay read beside.
// What was acknowledged is delivered, or the reader has refused, and then begins anew.
//
// No time decides: each disturbance is made when all nodes agree and each master has its replica, and what follows is waited for. A busy
// machine makes failovers of its own, which the promise holds for as well.

import Foundation
import Recall
import RecallServerTestSupport
import RecallTestKit
import Testing

@testable import RecallRedis

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

@Suite(.serialized, .needsRedis) struct RedisChaosTests {
    private static let name = "chaos"
    private static let slot = ClusterSlot.number(of: name)
    private static let patience = Duration.seconds(180)

    private enum Disturbance: Int, CaseIterable { case kill, move, stop, failover }

    /// What a reader got since it began, and what it refused.
    private struct Reading: Sendable {
        var events: [Position: EventID] = [:]
        var last: RecordedEvent?
        var refusalCount = 0
        /// What no reader should end with.
        var failure: StoreError?

        mutating func take(_ event: RecordedEvent) {
            events[event.position] = event.id
            last = event
        }

        mutating func beginAnew() {
            events = [:]
            last = nil
            refusalCount += 1
        }
    }

    private struct ReadingRouter: EventRouter {
        let reading: Shared<Reading>
        func route(_ events: [RecordedEvent]) async throws {
            reading.change { reading in
                for event in events { reading.take(event) }
            }
        }
    }

    @Test func everyAcknowledgedEventIsDeliveredOrTheReaderHasRefused() async throws {
        let cluster = try await RedisCluster.started([
            // Whoever is left takes over: what was acknowledged is on the replica, however old the rest of it is.
            "--cluster-replica-validity-factor", "0", "--cluster-migration-barrier", "10",
        ])
        try await cluster.settle(slot: Self.slot, within: Self.patience)
        var configuration = cluster.configuration(Self.name)
        configuration.deployment = .cluster(cluster.nodes.map(\.address))
        configuration.replicaAcknowledgementCount = 1
        configuration.replicaTimeout = .milliseconds(500)
        configuration.commandTimeout = .seconds(1)
        let store = try await RedisEventStore.open(configuration)
        let ledger = Ledger()
        let (subscribed, relayed) = (Shared(Reading()), Shared(Reading()))
        let readers = [
            Task { await Self.subscribe(to: store, subscribed) }, Task { await Self.relay(store, relayed) },
        ]
        var roundCount = 0
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0 ..< 24 { group.addTask { try await ledger.write(to: AggregateID(), in: store) } }
            // Else the writers would go on for ever after a failure.
            defer { ledger.end() }
            let end = ContinuousClock.now + (TestEffort.isWhole ? .seconds(60) : .seconds(10))
            let kinds = Disturbance.allCases
            let first = Int(TestEffort.seed % UInt64(kinds.count))
            repeat {
                try await Self.acknowledge(100, by: ledger)
                try await Self.disturb(kinds[(first + roundCount) % kinds.count], cluster)
                roundCount += 1
            } while ContinuousClock.now < end || (TestEffort.isWhole && roundCount < kinds.count)
            try await Self.acknowledge(100, by: ledger)
            ledger.end()
            try await group.waitForAll()
        }
        try await ledger.check(store)
        var stored: [Position: EventID] = [:]
        for try await event in store.events() { stored[event.position] = event.id }
        for (what, reading) in [("subscription", subscribed), ("relay", relayed)] {
            try? await Eventually.holds("all events at the \(what)", within: Self.patience) {
                let reading = reading.value
                return reading.failure != nil || stored.allSatisfy { reading.events[$0.key] == $0.value }
            }
            let got = reading.value
            let missed = stored.filter { got.events[$0.key] != $0.value }
            #expect(got.failure == nil, "the \(what)")
            #expect(missed.isEmpty, "the \(what) missed \(missed.count) of \(stored.count) events")
        }
        print(
            "redis chaos: \(roundCount) disturbances, \(ledger.acknowledgedCount) events acknowledged, the subscription has refused \(subscribed.value.refusalCount) times, the relay \(relayed.value.refusalCount)"
        )
        for reader in readers { reader.cancel() }
        for reader in readers { await reader.value }
        store.close()
        try await cluster.stop()
    }

    // MARK: Readers

    /// Follows from the first event on, and after a refusal again. A server that is away for too long is no refusal: it goes on then.
    private static func subscribe(to store: RedisEventStore, _ reading: Shared<Reading>) async {
        while !Task.isCancelled {
            let cursor = reading.value.last.map { EventCursor(after: $0) } ?? .start
            do throws(StoreError) {
                for try await event in store.subscribe(after: cursor) { reading.change { $0.take(event) } }
                return
            } catch {
                switch error.code {
                case .anotherHistory: reading.change { $0.beginAnew() }
                case .unavailable: break
                default: return reading.change { $0.failure = error }
                }
            }
        }
    }

    private static func relay(_ store: RedisEventStore, _ reading: Shared<Reading>) async {
        while !Task.isCancelled {
            do throws(StoreError) {
                let relay = try Relay(
                    reading: store, feeding: ReadingRouter(reading: reading),
                    keepingStateIn: MemoryRelayStateStore())
                try await relay.run()
            } catch {
                guard error.code == .relayStateOfAnotherStore else {
                    return reading.change { $0.failure = error }
                }
                reading.change { $0.beginAnew() }
            }
        }
    }

    // MARK: Disturbances

    private static func acknowledge(_ count: Int, by ledger: Ledger) async throws {
        let before = ledger.acknowledgedCount
        try await Eventually.holds("appends", within: patience) {
            ledger.acknowledgedCount >= before + count
        }
    }

    private static func disturb(_ kind: Disturbance, _ cluster: RedisCluster) async throws {
        let master = try await cluster.master(of: slot, within: patience)
        switch kind {
        case .kill:
            // Killed, it comes back as the replica of the one that has taken its place.
            try await master.process.kill()
            _ = try await cluster.master(of: slot, within: patience)
            try await master.process.start()
        case .move:
            // A failover in the middle would lose what is moved: of Redis, not of the store. So none is begun meanwhile.
            try cluster.setNodeTimeout("60000")
            try await cluster.settle(slot: slot, within: patience)
            let source = try await cluster.master(of: slot, within: patience)
            let target = try cluster.nodes.first {
                try $0.address != source.address && $0.call("ROLE").elements?.first?.text == "master"
            }
            try await cluster.move(slot, from: source, to: try #require(target))
            try await cluster.settle(slot: slot, within: patience)
            try cluster.setNodeTimeout("\(RedisCluster.nodeTimeout)")
        case .stop:
            // It comes back as the master that it thinks it is.
            try await master.process.suspend()
            defer { master.process.signal(SIGCONT) }
            _ = try await cluster.master(of: slot, paused: master, within: patience)
        case .failover:
            guard let replica = try cluster.replica(of: master) else { return }
            // It may be refused, where the two have just lost each other.
            _ = try? replica.call("CLUSTER", "FAILOVER")
            try? await Eventually.holds("a failover that was asked for", within: .seconds(10)) {
                try replica.call("ROLE").elements?.first?.text == "master"
            }
        }
        try await cluster.settle(slot: slot, within: patience)
    }
}
