// How a relay fares with each kind of failure at each place of a batch: what is delivered, what is parked, where the cursor
// stands, and that a neighbour that is down never costs an event its place.

import Foundation
import Recall
import RecallTestKit
import Testing

/// A way to fail.
enum FailureKind: String, CaseIterable, Sendable {
    case downSilently, downWithReport, refusalSilently, refusalWithReport

    var isTransient: Bool { self == .downSilently || self == .downWithReport }
    var reports: Bool { self == .downWithReport || self == .refusalWithReport }
}

@Suite struct RelayFailureTests {
    /// One failure, after which all works again.
    @Test(arguments: FailureKind.allCases, [0, 1, 3, 5])
    func oneFailureCostsNothing(kind: FailureKind, place: Int) async throws {
        let bench = RelayBench()
        try await bench.append([1, 2, 3, 1, 2, 3])
        bench.router.change {
            $0.fates = [.fails(after: place, isTransient: kind.isTransient, reports: kind.reports)]
        }
        try await bench.relay().drain()
        let state = try await bench.state.load()
        #expect(state.cursor == 6 && state.parked.isEmpty && state.refusal == nil)
        #expect(Set(bench.router.taken) == Set((1 ... 6).map { Position($0) }))
        // What was confirmed by a report does not come again.
        let firstAgain = kind.reports ? Position(UInt64(place) + 1) : 1
        #expect(bench.router.calls[1].first == firstAgain)
        #expect(bench.pauses.values.count == (kind.isTransient ? 1 : 0))
    }

    /// A router that its owner had closed made the relay wait until it was cancelled, since `closed` is no event's fault.
    @Test(
        arguments: [
            StoreError(.closed, "shut"),
            RepositoryError(
                .store, "", aggregateID: AggregateID(number: 1), cause: StoreError(.closed, "shut")),
            EventRoutingError(
                "", unroutedPositions: 3 ... 6,
                causes: [ScriptedRouter.Refusal(), StoreError(.closed, "shut")]),
        ] as [any Error])
    func destinationThatWasClosedEndsTheRunAndCostsNoEventItsPlace(error: any Error) async throws {
        let bench = RelayBench()
        try await bench.append([1, 2, 3, 1, 2, 3])
        bench.router.change { $0.fates = [.throwing(error)] }
        let relay = try bench.relay()
        let ended = await #expect(throws: StoreError.self) { try await relay.run() }
        #expect(ended?.code == .closed && ended?.message.contains("make another router") == true)
        #expect(bench.router.calls.count == 1 && bench.pauses.values.isEmpty)
        let state = try await bench.state.load()
        // What the error says to be confirmed is not delivered again.
        #expect(state.cursor == (error is EventRoutingError ? 2 : 0))
        #expect(state.parked.isEmpty && state.refusal == nil)
        try await relay.drain()
        #expect(try await bench.state.load().cursor == 6)
    }

    /// The neighbour was there when it refused the event: an outage after the parking is the first in a row, and is waited for shortly.
    @Test func parkingShortensThePauseOfTheNextOutage() async throws {
        let bench = RelayBench()
        try await bench.append([1, 2])
        bench.router.change {
            $0.poison = [1]
            $0.fates =
                Array(repeating: .works, count: 3)
                + [.fails(after: 0, isTransient: true, reports: false)]
        }
        let backOff = BackOff(first: .seconds(1), max: .seconds(100), factor: 3, jitter: 0)
        let relay = try bench.relay {
            $0.batchEventCountMax = 1
            $0.backOff = backOff
        }
        try await relay.drain()
        // Two refusals are tried again, the third parks; then the other event meets an outage.
        #expect(bench.pauses.values == [.seconds(1), .seconds(3), .seconds(1)])
        #expect(try await relay.parked().map(\.position) == [1])
        #expect(bench.router.taken == [2])
    }

    /// What a router explicitly calls a refusal is one, whatever its cause.
    @Test func refusalBecauseOfSomethingClosedIsARefusal() async throws {
        let bench = RelayBench()
        try await bench.append([1])
        let error = EventRoutingError(
            "", unroutedPositions: 1 ... 1, causes: [StoreError(.closed, "shut")], isTransient: false)
        bench.router.change { $0.fates = Array(repeating: .throwing(error), count: 3) }
        try await bench.relay().drain()
        #expect(try await bench.state.load().parked.map(\.position) == [1])
    }

    @Test func replayIntoADestinationThatWasClosedLeavesTheEventParked() async throws {
        let bench = RelayBench()
        try await bench.append([1])
        bench.router.change { $0.poison = [1] }
        let relay = try bench.relay()
        try await relay.drain()
        bench.router.change { $0.fates = [.throwing(StoreError(.closed, "shut"))] }
        let error = await #expect(throws: StoreError.self) { try await relay.replayParked() }
        #expect(error?.code == .closed)
        #expect(try await relay.parked().map(\.attemptCount) == [3])
    }

    /// An event that is refused each time, at each place, whether the router names it or not.
    @Test(arguments: 1 ... 6 as ClosedRange<UInt64>, [true, false])
    func poisonIsParkedAloneAndItsGraphWaits(poison: UInt64, names: Bool) async throws {
        let bench = RelayBench()
        let roots: [UInt64] = [1, 2, 3, 1, 2, 3]
        try await bench.append(roots)
        bench.router.change {
            $0.poison = [Position(poison)]
            $0.namesPoison = names
        }
        let relay = try bench.relay()
        try await relay.drain()
        let held = (1 ... 6).filter { $0 > poison && roots[Int($0) - 1] == roots[Int(poison) - 1] }
        let state = try await bench.state.load()
        #expect(state.cursor == 6 && state.refusal == nil)
        let parked = try #require(state.parked.first)
        #expect(state.parked.count == 1)
        #expect(parked.position == Position(poison) && parked.eventID == EventID(number: poison))
        #expect(parked.rootID == AggregateID(number: roots[Int(poison) - 1]))
        #expect(parked.attemptCount == 3 && parked.isHolding)
        #expect(parked.heldEventCount == UInt64(held.count))
        #expect(parked.reason == "It was refused 3 times by the router.")
        #expect(parked.cause.contains("Refusal"))
        #expect(parked.time == Timestamp(microsecondsSince1970: 7))
        let expected = Set((1 ... 6).filter { $0 != poison && !held.contains($0) }.map { Position($0) })
        #expect(Set(bench.router.taken) == expected)
        // Only what was refused alone counts, and only that is waited for.
        #expect(bench.router.calls.filter { $0 == [Position(poison)] }.count == 3)
        #expect(bench.pauses.values == [.milliseconds(100), .milliseconds(200)])
    }

    @Test func neighbourThatIsDownIsWaitedForHoweverLong() async throws {
        let bench = RelayBench()
        try await bench.append([1, 2])
        bench.router.change {
            $0.fates = Array(repeating: .fails(after: 0, isTransient: true, reports: false), count: 50)
        }
        try await bench.relay { $0.backOff.max = .seconds(2) }.drain()
        #expect(bench.router.taken == [1, 2])
        #expect(try await bench.state.load().parked.isEmpty)
        #expect(bench.pauses.values.count == 50)
        #expect(bench.pauses.values[0] == .milliseconds(100))
        #expect(bench.pauses.values[1] == .milliseconds(200))
        #expect(bench.pauses.values.suffix(10).allSatisfy { $0 == .seconds(2) })
    }

    @Test func whatGetsThroughShortensThePause() async throws {
        let bench = RelayBench()
        try await bench.append([1, 2, 3])
        bench.router.change {
            $0.fates = [
                .fails(after: 0, isTransient: true, reports: true),
                .fails(after: 0, isTransient: true, reports: true),
                .fails(after: 1, isTransient: true, reports: true),
                .fails(after: 0, isTransient: true, reports: true),
            ]
        }
        try await bench.relay().drain()
        #expect(bench.pauses.values == [100, 200, 100, 200].map { Duration.milliseconds($0) })
    }

    /// The process may be what the event brings down.
    @Test func attemptsAreCountedAcrossLivesOfTheProcess() async throws {
        struct Killed: Error {}
        let bench = RelayBench()
        try await bench.append([1, 2])
        bench.router.change { $0.poison = [1] }
        for count in 1 ... 2 {
            let relay = try bench.relay { $0.sleep = { _ in throw Killed() } }
            await #expect(throws: StoreError.self) { try await relay.drain() }
            #expect(try await bench.state.load().refusal == RelayRefusal(position: 1, attemptCount: count))
        }
        try await bench.relay().drain()
        #expect(try await bench.state.load().parked.map(\.position) == [1])
        #expect(bench.router.calls.filter { $0 == [1] }.count == 3)
    }

    /// What an earlier process was refused is not tried together with its neighbours again.
    @Test func refusedEventIsTriedAloneInTheNextLife() async throws {
        let bench = RelayBench()
        try await bench.append([1, 2])
        var state = RelayState()
        state.refusal = RelayRefusal(position: 1, attemptCount: 1)
        try await bench.state.save(state)
        try await bench.relay().drain()
        #expect(bench.router.calls == [[1], [2]])
    }

    @Test func eachEventOfABatchThatWasRefusedWithoutAReportIsTriedAlone() async throws {
        let bench = RelayBench()
        try await bench.append([1, 2, 3])
        bench.router.change { $0.fates = [.fails(after: 0, isTransient: false, reports: false)] }
        try await bench.relay().drain()
        #expect(bench.router.calls == [[1, 2, 3], [1], [2], [3]])
    }

    @Test func refusalsBeforeADeliveryAreForgotten() async throws {
        let bench = RelayBench()
        try await bench.append([1, 2])
        let refusals = Array(
            repeating: ScriptedRouter.Fate.fails(after: 0, isTransient: false, reports: true), count: 3)
        // In the batch, twice alone, then through; then the same for the next one.
        bench.router.change { $0.fates = refusals + [.works] + refusals.prefix(2) }
        try await bench.relay().drain()
        #expect(try await bench.state.load() == RelayState(cursor: 2, cursorEventID: EventID(number: 2)))
        #expect(bench.router.taken == [1, 2])
    }

    /// An outage between two refusals is none of the event's doing.
    @Test func outagesAreNoAttempts() async throws {
        let bench = RelayBench()
        try await bench.append([1])
        let down = ScriptedRouter.Fate.fails(after: 0, isTransient: true, reports: true)
        let refused = ScriptedRouter.Fate.fails(after: 0, isTransient: false, reports: true)
        bench.router.change { $0.fates = [refused, down, down, down, refused, down] }
        try await bench.relay().drain()
        #expect(bench.router.taken == [1])
        #expect(try await bench.state.load().parked.isEmpty)
    }

    @Test func relayStopsWhereNoMoreMayBeParkedAndGoesOnWhenThereIsRoom() async throws {
        let bench = RelayBench()
        try await bench.append([1, 2, 3])
        bench.router.change { $0.poison = [1, 2] }
        let relay = try bench.relay { $0.parkedCountMax = 1 }
        let error = await #expect(throws: StoreError.self) { try await relay.drain() }
        #expect(error?.code == .limitExceeded)
        #expect(try await bench.state.load().cursor == 1)
        try await relay.discardParked(at: 1)
        try await relay.drain()
        #expect(try await bench.state.load().parked.map(\.position) == [2])
        #expect(bench.router.taken == [3])
    }

    /// Positions that no event of the batch has say nothing about it.
    @Test(arguments: [0, 9] as [Position])
    func reportThatMakesNoSenseConfirmsNothing(position: Position) async throws {
        struct Lost: EventRouter {
            let position: Position
            let calls: Gathered<Int>
            func route(_ events: [RecordedEvent]) async throws {
                calls.add(events.count)
                if calls.values.count == 1 {
                    throw EventRoutingError(
                        "Nonsense.", unroutedPositions: position ... position, causes: [], isTransient: true)
                }
            }
        }
        let bench = RelayBench()
        try await bench.append([1, 2])
        let router = Lost(position: position, calls: Gathered())
        var configuration = RelayConfiguration()
        configuration.sleep = { _ in }
        let relay = try Relay(
            reading: bench.store, feeding: router, keepingStateIn: bench.state, configuration: configuration)
        try await relay.drain()
        #expect(router.calls.values == [2, 2])
    }

    @Test func errorsSayWhoseFaultItIs() {
        struct Other: Error {}
        #expect(!Other().isTransientFailure)
        #expect(CancellationError().isTransientFailure)
        #expect(StoreError(.unavailable, "").isTransientFailure)
        #expect(!StoreError(.conflict, "").isTransientFailure)
        let id = AggregateID(number: 1)
        #expect(
            RepositoryError(.store, "", aggregateID: id, cause: StoreError(.latched, "")).isTransientFailure)
        #expect(!RepositoryError(.conflict, "", aggregateID: id).isTransientFailure)
        let mixed = EventRoutingError(
            "", unroutedPositions: 1 ... 2, causes: [Other(), StoreError(.unavailable, "")])
        #expect(mixed.isTransientFailure)
        #expect(!EventRoutingError("", unroutedPositions: 1 ... 2, causes: [Other()]).isTransientFailure)
    }
}
