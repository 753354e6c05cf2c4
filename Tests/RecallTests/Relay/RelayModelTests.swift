// Random lives of a relay, from a seed: the router is down, refuses, fails halfway and says so or not; the process dies
// before or after its state is saved; parked events are replayed or discarded in between. At every save and every
// delivery the promises are held against what the router has really taken.

import Foundation
import Logging
import Recall
import RecallTestKit
import Synchronization
import Testing

/// What is true of the events, beside the relay.
final class RelayWitness: Sendable {
    struct State {
        var events: [RecordedEvent] = []
        var taken: Set<Position> = []
        /// Positions in the order in which they were first taken.
        var first: [Position] = []
        var discarded: Set<Position> = []
        /// What is being discarded; may be passed over or not.
        var discarding: Position?
        var saved = RelayState()
        var complaints: [String] = []
    }

    let isHolding: Bool
    let state = Mutex(State())

    init(isHolding: Bool) { self.isHolding = isHolding }

    var complaints: [String] { state.withLock { $0.complaints } }

    /// No event may be taken before its predecessor was taken, or parked ahead of it.
    func take(_ event: RecordedEvent) {
        state.withLock { state in
            guard state.taken.insert(event.position).inserted else { return }
            state.first.append(event.position)
            for earlier in state.events
            where earlier.rootID == event.rootID && earlier.position < event.position {
                if state.taken.contains(earlier.position) || state.isGivenUp(earlier.position) { continue }
                let isParked = state.saved.parked.contains { $0.position == earlier.position }
                if isHolding || !isParked {
                    state.complaints.append("\(event.position) was delivered before \(earlier.position)")
                }
            }
        }
    }

    /// The cursor may pass only what was taken, was given up, or waits.
    func save(_ saved: RelayState) {
        state.withLock { state in
            for event in state.events where event.position <= saved.cursor {
                if state.taken.contains(event.position) || state.isGivenUp(event.position) { continue }
                let waits = saved.parked.contains {
                    $0.position == event.position
                        || ($0.isHolding && $0.rootID == event.rootID && $0.position < event.position)
                }
                if !waits { state.complaints.append("the cursor \(saved.cursor) passed \(event.position)") }
            }
            if saved.parked.map(\.position) != saved.parked.map(\.position).sorted() {
                state.complaints.append("what is parked is out of order")
            }
            state.saved = saved
        }
    }
}

extension RelayWitness.State {
    func isGivenUp(_ position: Position) -> Bool { discarded.contains(position) || discarding == position }
}

/// Keeps a state, and dies with the process at random.
final class MortalStateStore: RelayStateStore {
    private let inner = MemoryRelayStateStore()
    private let witness: RelayWitness
    private let generator: Mutex<SeededGenerator>
    private let deathChance: Int

    init(_ witness: RelayWitness, seed: UInt64, deathChance: Int) {
        self.witness = witness
        self.deathChance = deathChance
        generator = Mutex(SeededGenerator(seed: seed))
    }

    func load() async throws(StoreError) -> RelayState { try await inner.load() }

    func save(_ state: RelayState) async throws(StoreError) {
        let draw = generator.withLock { Int.random(in: 0 ..< 2 * deathChance, using: &$0) }
        if draw == 0 { throw StoreError(.closed, "dead before") }
        witness.save(state)
        try await inner.save(state)
        if draw == 1 { throw StoreError(.closed, "dead after") }
    }
}

@Suite struct RelayModelTests {
    @Test(arguments: TestEffort.seeds(1 ... 300))
    func randomLivesKeepThePromises(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let bench = RelayBench()
        let isHolding = seed % 4 != 0
        let witness = RelayWitness(isHolding: isHolding)
        let rootCount = UInt64.random(in: 1 ... 6, using: &random)
        let states = MortalStateStore(witness, seed: random.next(), deathChance: 12)
        let batchEventCountMax = Int.random(in: 1 ... 9, using: &random)
        bench.router.change { $0.onTake = { witness.take($0) } }

        func relay() throws -> Relay {
            var configuration = RelayConfiguration()
            configuration.batchEventCountMax = batchEventCountMax
            configuration.attemptCountMax = 2
            configuration.parking = isHolding ? .holdingGraph : .singleEvent
            configuration.sleep = { _ in }
            configuration.logger = .init(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            return try Relay(
                reading: bench.store, feeding: bench.router, keepingStateIn: states,
                configuration: configuration)
        }
        var living = try relay()
        var deathCount = 0

        /// Does something; the process may die of it.
        func attempt(_ body: (Relay) async throws -> Void) async throws -> Bool {
            do {
                try await body(living)
                return true
            } catch let error as StoreError where error.code == .closed {
                deathCount += 1
                living = try relay()
                return false
            } catch let error as StoreError where error.code == .unavailable {
                return false
            }
        }

        for _ in 0 ..< Int.random(in: 5 ... 20, using: &random) {
            let roots = (0 ..< Int.random(in: 0 ... 8, using: &random)).map { _ in
                UInt64.random(in: 1 ... rootCount, using: &random)
            }
            try await bench.append(roots)
            let events = try await bench.store.read(EventQuery()).events
            witness.state.withLock { $0.events = events }
            var fates: [ScriptedRouter.Fate] = []
            for _ in 0 ..< Int.random(in: 0 ... 5, using: &random) {
                fates.append(
                    Bool.random(using: &random)
                        ? .works
                        : .fails(
                            after: Int.random(in: 0 ... 8, using: &random),
                            isTransient: Int.random(in: 0 ..< 3, using: &random) > 0,
                            reports: Bool.random(using: &random)))
            }
            let planned = fates
            let poison = Set(
                events.map(\.position).filter { _ in Int.random(in: 0 ..< 12, using: &random) == 0 })
            let names = Bool.random(using: &random)
            bench.router.change {
                $0.fates = planned
                $0.poison = poison
                $0.namesPoison = names
            }
            switch Int.random(in: 0 ..< 6, using: &random) {
            case 0: _ = try await attempt { try await $0.replayParked() }
            case 1:
                guard
                    let position = witness.state.withLock({
                        $0.saved.parked.randomElement(using: &random)?.position
                    })
                else { break }
                witness.state.withLock { $0.discarding = position }
                _ = try await attempt { try await $0.discardParked(at: position) }
                witness.state.withLock { state in
                    if !state.saved.parked.contains(where: { $0.position == position }) {
                        state.discarded.insert(position)
                    }
                    state.discarding = nil
                }
            default: _ = try await attempt { try await $0.drain() }
            }
        }
        bench.router.change {
            $0.fates = []
            $0.poison = []
        }
        while !(try await attempt { try await $0.drain() }) {}
        while !(try await attempt { try await $0.replayParked() }) {}

        let end = witness.state.withLock { $0 }
        #expect(end.complaints == [], "seed \(seed), \(deathCount) deaths")
        #expect(end.saved.parked.isEmpty, "seed \(seed)")
        #expect(
            end.taken.union(end.discarded) == Set(end.events.map(\.position)),
            "seed \(seed): events are missing")
        if isHolding {
            for (root, stored) in Dictionary(grouping: end.events, by: \.rootID) {
                let positions = stored.map(\.position).filter { end.taken.contains($0) }
                let members = Set(positions)
                #expect(end.first.filter { members.contains($0) } == positions, "seed \(seed), root \(root)")
            }
        }
    }
}
