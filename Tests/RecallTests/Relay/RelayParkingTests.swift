// Parked events: delivered again in order with those behind them, refused again, or given up.

import Foundation
import Recall
import RecallTestKit
import Testing

@Suite struct RelayParkingTests {
    /// A relay that has parked events 2 and 3, of two graphs, with others behind them.
    private static func bench(
        parking: RelayConfiguration.Parking = .holdingGraph, batchEventCountMax: Int = 256
    ) async throws -> (RelayBench, Relay) {
        let bench = RelayBench()
        try await bench.append([1, 2, 3, 2, 3, 1, 2, 2])
        bench.router.change { $0.poison = [2, 3] }
        let relay = try bench.relay {
            $0.parking = parking
            $0.batchEventCountMax = batchEventCountMax
        }
        try await relay.drain()
        return (bench, relay)
    }

    @Test(arguments: [1, 2, 256])
    func replayDeliversTheGraphsInOrder(batchEventCountMax: Int) async throws {
        let (bench, relay) = try await Self.bench(batchEventCountMax: batchEventCountMax)
        #expect(bench.router.taken == [1, 6])
        #expect(try await relay.parked().map(\.heldEventCount) == [3, 1])
        bench.router.change { $0.poison = [] }
        let report = try await relay.replayParked()
        #expect(report.deliveredEventCount == 6 && report.refused.isEmpty)
        #expect(bench.router.taken == [1, 6, 2, 4, 7, 8, 3, 5])
        #expect(try await relay.parked().isEmpty)
        try await bench.append([2, 3])
        try await relay.drain()
        #expect(bench.router.taken.suffix(2) == [9, 10])
    }

    @Test func oneOfThemCanBeReplayed() async throws {
        let (bench, relay) = try await Self.bench()
        bench.router.change { $0.poison = [] }
        let report = try await relay.replayParked(at: 3)
        #expect(report.deliveredEventCount == 2)
        #expect(bench.router.taken == [1, 6, 3, 5])
        #expect(try await relay.parked().map(\.position) == [2])
        for position in [1, 3, 4, 99] as [Position] {
            let error = await #expect(throws: StoreError.self) {
                try await relay.replayParked(at: position)
            }
            #expect(error?.code == .notFound)
        }
    }

    @Test func whatIsRefusedAgainStaysWithItsReason() async throws {
        let (bench, relay) = try await Self.bench()
        bench.router.change { $0.poison = [2] }
        let report = try await relay.replayParked()
        #expect(report.deliveredEventCount == 2)
        #expect(report.refused.map(\.position) == [2] && report.refused[0].attemptCount == 4)
        #expect(try await relay.parked() == report.refused)
        #expect(report.refused[0].heldEventCount == 3)
        #expect(bench.router.taken == [1, 6, 3, 5])
    }

    /// One of those that waited is refused in its turn: the graph waits from there on.
    @Test(arguments: [true, false])
    func refusalBehindAParkedEventMovesTheParkedPlace(names: Bool) async throws {
        let (bench, relay) = try await Self.bench()
        bench.router.change {
            $0.poison = [7]
            $0.namesPoison = names
        }
        let report = try await relay.replayParked(at: 2)
        #expect(report.deliveredEventCount == 2)
        // Where the refusal is not named, what came before it in the batch comes again, alone.
        #expect(bench.router.taken == (names ? [1, 6, 2, 4] : [1, 6, 2, 4, 4]))
        let parked = try await relay.parked()
        #expect(parked.map(\.position) == [3, 7])
        #expect(parked[1].attemptCount == 1 && parked[1].heldEventCount == 1)
        try await bench.append([2])
        try await relay.drain()
        #expect(try await relay.parked()[1].heldEventCount == 2)
        bench.router.change { $0.poison = [] }
        try await relay.replayParked(at: 7)
        #expect(bench.router.taken.suffix(3) == [7, 8, 9])
    }

    @Test func outageDuringAReplayLeavesTheRestParked() async throws {
        let (bench, relay) = try await Self.bench()
        bench.router.change {
            $0.poison = []
            $0.fates = [.works, .fails(after: 1, isTransient: true, reports: true)]
        }
        let error = await #expect(throws: StoreError.self) { try await relay.replayParked(at: 2) }
        #expect(error?.code == .unavailable)
        let parked = try await relay.parked()
        #expect(parked.map(\.position) == [3, 7] && parked[1].attemptCount == 0)
        #expect(parked[1].reason.contains("position 4"))
        try await relay.replayParked()
        #expect(bench.router.taken == [1, 6, 2, 4, 3, 5, 7, 8])
    }

    @Test func discardedEventIsNeverDeliveredAndTheOthersGoOn() async throws {
        let (bench, relay) = try await Self.bench()
        let report = try await relay.discardParked(at: 2)
        #expect(report.deliveredEventCount == 3)
        #expect(bench.router.taken == [1, 6, 4, 7, 8])
        #expect(try await relay.parked().map(\.position) == [3])
        let error = await #expect(throws: StoreError.self) { try await relay.discardParked(at: 2) }
        #expect(error?.code == .notFound)
        try await bench.append([2])
        try await relay.drain()
        #expect(bench.router.taken.last == 9)
    }

    @Test func singleEventsCanBeParkedAndTheirGraphGoesOn() async throws {
        let (bench, relay) = try await Self.bench(parking: .singleEvent)
        #expect(bench.router.taken == [1, 4, 5, 6, 7, 8])
        #expect(try await relay.parked().map(\.heldEventCount) == [0, 0])
        bench.router.change { $0.poison = [3] }
        let report = try await relay.replayParked()
        #expect(report.deliveredEventCount == 1 && report.refused.map(\.position) == [3])
        try await relay.discardParked(at: 3)
        #expect(try await relay.parked().isEmpty)
        #expect(bench.router.taken == [1, 4, 5, 6, 7, 8, 2])
    }

    @Test func parkedEventOfAnotherStoreIsNotReplaced() async throws {
        let (bench, _) = try await Self.bench()
        var state = try await bench.state.load()
        state.parked[0].eventID = EventID(number: 99)
        let other = RelayBench(state)
        try await other.append([1, 2, 3, 2, 3, 1, 2, 2])
        let error = await #expect(throws: StoreError.self) { try await other.relay().replayParked(at: 2) }
        #expect(error?.code == .relayStateOfAnotherStore)
        #expect(other.router.calls.isEmpty)
    }

    /// The graph must not stop waiting while new events of it are passed over.
    @Test func replayBesideARunningRelayKeepsTheOrder() async throws {
        for round in 1 ... 20 as ClosedRange<UInt64> {
            let bench = RelayBench()
            bench.router.change {
                $0.poison = [1]
                $0.onCall = { for _ in 0 ..< round % 5 { await Task.yield() } }
            }
            try await bench.append(Array(repeating: 1, count: 5))
            let relay = try bench.relay { $0.batchEventCountMax = 2 }
            try await relay.drain()
            bench.router.change { $0.poison = [] }
            async let replay = relay.replayParked()
            for _ in 0 ..< 20 {
                try await bench.append([1, 2])
                try await relay.drain()
            }
            _ = try await replay
            try await relay.drain()
            let ofOne = bench.router.taken.filter { $0 <= 5 || $0.rawValue.isMultiple(of: 2) }
            let expected = (1 ... 45).map { Position($0) }.filter { $0 <= 5 || $0.rawValue.isMultiple(of: 2) }
            #expect(ofOne == expected)
            #expect(try await relay.parked().isEmpty)
        }
    }

    @Test func longTextsAreCutAtWholeCharacters() {
        let long = String(repeating: "ü", count: 2_000)
        let event = ParkedEvent(
            position: 1, eventID: EventID(number: 1), rootID: AggregateID(number: 1), eventType: "Told",
            attemptCount: 1, reason: long, cause: long, time: Timestamp(microsecondsSince1970: 0),
            isHolding: true)
        #expect(event.reason.utf8.count <= ParkedEvent.reasonBytesMax && event.reason.hasSuffix("ü…"))
        #expect(event.cause.utf8.count <= ParkedEvent.causeBytesMax && event.cause.hasSuffix("ü…"))
    }
}
