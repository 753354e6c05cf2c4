// A loss of power at every change that a relay's state makes to the disk, and a failure of every call: what is found is the state
// that was acknowledged last or the one that was on its way; and a relay on it never passes what was not confirmed.

import Foundation
import Logging
import Recall
import RecallLog
import RecallTestKit
import Synchronization
import Testing

@Suite struct RelayStateCrashTests {
    private static let crashes: [SimulatedCrash] =
        [.losingEverythingUnsynced, .keepingEverything] + (1 ... 4).map { .arbitrary(seed: $0) }

    /// Opens a state and saves some more.
    /// - Returns: how many saves were acknowledged; nil where it was not opened.
    private static func live(on disk: SimulatedDisk, from first: UInt64, count: UInt64) -> UInt64? {
        guard let file = try? RelayStateFile(at: "/r", startingAt: RelayStates.state(0), on: disk) else {
            return nil
        }
        defer { file.close() }
        for number in 0 ..< count {
            do throws(StoreError) {
                try file.save(RelayStates.state(first + number))
            } catch {
                // Nothing is accepted behind a failure.
                #expect(throws: StoreError.self) { try file.save(RelayStates.state(77)) }
                return number
            }
        }
        return count
    }

    private static func found(on disk: SimulatedDisk) throws -> RelayState {
        let file = try RelayStateFile(at: "/r", startingAt: RelayStates.state(0), on: disk)
        defer { file.close() }
        return try file.load()
    }

    /// The states that may be found after so many acknowledged saves behind an earlier state.
    private static func expected(_ before: UInt64, _ acknowledged: UInt64?, from first: UInt64)
        -> [RelayState]
    {
        guard let acknowledged, acknowledged > 0 else {
            return [RelayStates.state(before), RelayStates.state(first)]
        }
        return [RelayStates.state(first + acknowledged - 1), RelayStates.state(first + acknowledged)]
    }

    @Test func crashAtEveryChangeLeavesTheLastStateOrTheOneOnItsWay() throws {
        var options = SimulatedDisk.Options()
        // An older file's slots, with greater numbers.
        var writer = ByteWriter()
        RelayStateSlot(sequence: 1 << 40, state: RelayStates.state(50)).encode(to: &writer)
        writer.pad(to: RelayStateFormat.slotSize)
        options.staleBytes = writer.withBytes { $0.withUnsafeBytes { [UInt8]($0) } }
        let whole = SimulatedDisk(options: options)
        #expect(Self.live(on: whole, from: 1, count: 5) == 5)
        for mutation in 0 ... whole.mutationCount {
            let disk = SimulatedDisk(options: options)
            disk.stop(afterMutation: mutation)
            let acknowledged = Self.live(on: disk, from: 1, count: 5)
            for crash in Self.crashes {
                let after = disk.crash(crash)
                let state = try Self.found(on: after)
                let expected = Self.expected(0, acknowledged, from: 1)
                #expect(expected.contains(state), "mutation \(mutation), \(crash)")
            }
        }
    }

    /// A killed process leaves a slot that only the cache has; power is lost in the next life.
    @Test func crashAfterAKilledProcessLeavesAState() throws {
        let base = SimulatedDisk()
        #expect(Self.live(on: base, from: 1, count: 3) == 3)
        let whole = base.kill()
        let before = whole.mutationCount
        _ = Self.live(on: whole, from: 4, count: 2)
        for mutation in before ... whole.mutationCount {
            let killed = base.kill()
            killed.stop(afterMutation: mutation)
            _ = Self.live(on: killed, from: 4, count: 2)
            for count in 1 ... 5 {
                let next = killed.kill()
                next.stop(afterMutation: next.mutationCount + count)
                _ = Self.live(on: next, from: 6, count: 2)
                for crash in Self.crashes {
                    let state = try Self.found(on: next.crash(crash))
                    #expect(state.cursor >= 30, "mutation \(mutation), \(count) more, \(crash)")
                }
            }
        }
    }

    @Test func failureOfAnyCallLatchesAndLosesNothing() throws {
        let whole = SimulatedDisk()
        _ = Self.live(on: whole, from: 1, count: 4)
        for effect in [
            SimulatedFault.Effect.fail, .failForgettingDirtyData, .failRevertingDirtyData,
            .failAfter(byteCount: 20),
        ] {
            for number in 1 ... whole.operationCount {
                let disk = SimulatedDisk()
                disk.plan(SimulatedFault(occurrence: number, number: 5, effect: effect))
                let acknowledged = Self.live(on: disk, from: 1, count: 4)
                for crash in Self.crashes {
                    let state = try Self.found(on: disk.crash(crash))
                    let expected = Self.expected(0, acknowledged, from: 1)
                    #expect(expected.contains(state), "call \(number), \(effect), \(crash)")
                }
            }
        }
    }

    // MARK: A relay on it

    /// What a router took, across the lives of relays.
    private final class Receiver: EventRouter {
        struct Refused: Error {}
        private let taken = Mutex<[Position]>([])
        private let poison = Mutex<Position?>(3)
        var positions: [Position] { taken.withLock { $0 } }
        func heal() { poison.withLock { $0 = nil } }

        func route(_ events: [RecordedEvent]) async throws {
            for event in events {
                if event.position == poison.withLock({ $0 }) { throw Refused() }
                taken.withLock { $0.append(event.position) }
            }
        }
    }

    private static func relay(
        on disk: SimulatedDisk, _ store: MemoryEventStore, _ receiver: Receiver
    ) async throws -> (Relay, FileRelayStateStore) {
        let states = try await FileRelayStateStore.open(at: "/r", on: disk)
        var configuration = RelayConfiguration()
        configuration.batchEventCountMax = 2
        configuration.attemptCountMax = 2
        configuration.sleep = { _ in }
        configuration.logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        return (
            try Relay(
                reading: store, feeding: receiver, keepingStateIn: states, configuration: configuration),
            states
        )
    }

    /// Delivers, parks, replays.
    private static func run(
        on disk: SimulatedDisk, _ store: MemoryEventStore, _ receiver: Receiver, isHealed: Bool
    ) async throws {
        let (relay, states) = try await relay(on: disk, store, receiver)
        do {
            try await relay.drain()
            if isHealed { try await relay.replayParked() }
        } catch {
            await states.close()
            throw error
        }
        await states.close()
    }

    private static func filledStore() async throws -> MemoryEventStore {
        let store = MemoryEventStore()
        // Graph 1 has events 1, 3, 4, 6, 8; graph 2 the others.
        for root in [1, 2, 1, 1, 2, 1, 2, 1] as [UInt64] {
            _ = try await store.append(
                Commit(events: [
                    NewEvent(aggregateID: AggregateID(number: root), type: "Told", payload: Data())
                ]))
        }
        return store
    }

    @Test func relayThatIsCutOffAtEveryChangeDeliversEverythingInOrder() async throws {
        let store = try await Self.filledStore()
        let whole = SimulatedDisk()
        try await Self.run(on: whole, store, Receiver(), isHealed: false)
        for mutation in 0 ... whole.mutationCount {
            for (number, crash) in Self.crashes.enumerated() {
                let comment: Comment = "mutation \(mutation), \(crash)"
                let receiver = Receiver()
                let disk = SimulatedDisk()
                disk.stop(afterMutation: mutation)
                try? await Self.run(on: disk, store, receiver, isHealed: false)
                let second = disk.crash(crash)
                // Cut off once more, while it delivers again what is parked.
                second.stop(afterMutation: number + mutation % 7)
                receiver.heal()
                try? await Self.run(on: second, store, receiver, isHealed: true)
                try await Self.run(on: second.crash(crash), store, receiver, isHealed: true)
                var seen: Set<Position> = []
                let first = receiver.positions.filter { seen.insert($0).inserted }
                #expect(seen == Set((1 ... 8).map { Position($0) }), comment)
                #expect(first.filter { [1, 3, 4, 6, 8].contains($0) } == [1, 3, 4, 6, 8], comment)
                #expect(first.filter { [2, 5, 7].contains($0) } == [2, 5, 7], comment)
            }
        }
    }
}
