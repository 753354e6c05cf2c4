// What a relay does when all goes well, and in which order it does it.

import Foundation
import Recall
import RecallTestKit
import Testing

@Suite struct RelayTests {
    @Test func everythingIsDeliveredInOrderAndTheCursorStandsBehindIt() async throws {
        let bench = RelayBench()
        try await bench.append([1, 2, 1, 3, 2])
        let relay = try bench.relay { $0.batchEventCountMax = 2 }
        try await relay.drain()
        #expect(bench.router.calls == [[1, 2], [3, 4], [5]])
        let state = try await bench.state.load()
        #expect(state.cursor == 5 && state.cursorEventID == EventID(number: 5) && state.parked.isEmpty)
    }

    @Test func nextRelayGoesOnBehindTheCursor() async throws {
        let bench = RelayBench()
        try await bench.append([1, 2])
        try await bench.relay().drain()
        try await bench.append([1])
        try await bench.relay().drain()
        #expect(bench.router.taken == [1, 2, 3])
    }

    /// The router is not called, nothing is saved, and what comes later is found at the place where the relay stands.
    @Test func emptyStoreIsNothingToDo() async throws {
        let bench = RelayBench()
        let saves = CountingStateStore(bench.state)
        let relay = try Relay(reading: bench.store, feeding: bench.router, keepingStateIn: saves)
        try await relay.drain()
        #expect(bench.router.calls.isEmpty)
        #expect(saves.saveCount == 0)
        let status = try await relay.status()
        #expect(status.cursor == .beforeFirst && status.lastPosition == .beforeFirst && status.lag == 0)
        #expect(status.counts == RelayCounts())
        try await bench.append([1])
        try await relay.drain()
        #expect(bench.router.taken == [1])
        #expect(saves.saveCount == 1)
    }

    /// A drain answers for what is there when it is called. It also read on behind that, and kept what came meanwhile in memory.
    @Test func drainReadsNoFurtherThanItsTarget() async throws {
        let bench = RelayBench()
        let reads = RecordingEventStore(bench.store)
        let relay = try Relay(reading: reads, feeding: bench.router, keepingStateIn: bench.state)
        try await bench.append([1, 2])
        bench.router.change { $0.onCall = { try? await bench.append([3]) } }
        try await relay.drain()
        #expect(bench.router.taken == [1, 2])
        #expect(reads.queries.map(\.positions.upperBound) == [2])
        #expect(try await bench.state.load().cursor == 2)
        bench.router.change { $0.onCall = nil }
        try await relay.drain()
        #expect(bench.router.taken == [1, 2, 3])
    }

    /// What is kept after a failed save is unknown, so it is read again: what was kept is not delivered twice, and the rest is.
    @Test(arguments: [true, false]) func stateIsReadAgainAfterASaveThatFailed(isKept: Bool) async throws {
        let bench = RelayBench()
        try await bench.append([1])
        let relay = try Relay(
            reading: bench.store, feeding: bench.router,
            keepingStateIn: UncertainStateStore(bench.state, isKept: isKept))
        await #expect(throws: StoreError.self) { try await relay.drain() }
        try await bench.append([2])
        try await relay.drain()
        #expect(bench.router.calls == (isKept ? [[1], [2]] : [[1], [1, 2]]))
        #expect(try await bench.state.load().cursor == 2)
    }

    @Test func relayCanBeginInTheMiddle() async throws {
        let bench = RelayBench(RelayState(cursor: 2))
        try await bench.append([1, 1, 1])
        try await bench.relay().drain()
        #expect(bench.router.taken == [3])
    }

    @Test func batchesAreBoundedInBytesAndHoldAtLeastOneEvent() async throws {
        let bench = RelayBench()
        try await bench.append([1, 2, 3, 4, 5], payloadBytes: 10)
        try await bench.append([6], payloadBytes: 100)
        try await bench.append([7], payloadBytes: 1)
        try await bench.relay { $0.batchBytesMax = 25 }.drain()
        #expect(bench.router.calls == [[1, 2], [3, 4], [5], [6], [7]])
    }

    /// A message holds metadata and tags as well: a batch of small payloads with large metadata is a large batch.
    @Test(
        arguments: [
            (metadata: ["k": "12345678"], tags: []), (metadata: ["12345678": "v"], tags: []),
            (metadata: [:], tags: ["12345", "6789"]), (metadata: ["abc": "de"], tags: ["fghi"]),
        ] as [(metadata: [String: String], tags: [EventTag])])
    func metadataAndTagsCountAgainstTheBytesOfABatch(metadata: [String: String], tags: [EventTag])
        async throws
    {
        // Ten bytes each: a byte less than two of them is room for one.
        for (bytesMax, calls) in [(19, [[1], [2], [3], [4]]), (20, [[1, 2], [3, 4]])] as [(Int, [[Position]])]
        {
            let bench = RelayBench()
            for number in 1 ... 4 as ClosedRange<UInt64> {
                let event = NewEvent(
                    id: EventID(number: number), aggregateID: AggregateID(number: number), type: "Told",
                    metadata: EventMetadata(metadata), tags: tags, payload: Data(count: 1))
                _ = try await bench.store.append(Commit(events: [event]))
            }
            try await bench.relay { $0.batchBytesMax = bytesMax }.drain()
            #expect(bench.router.calls == calls)
        }
    }

    @Test func runningRelayDeliversWhatIsAppendedLaterUntilItIsCancelled() async throws {
        let bench = RelayBench()
        let (taken, continuation) = AsyncStream<Position>.makeStream()
        bench.router.change { $0.onTake = { continuation.yield($0.position) } }
        let relay = try bench.relay()
        let task = Task { try await relay.run() }
        var iterator = taken.makeAsyncIterator()
        for number in 1 ... 5 as ClosedRange<UInt64> {
            try await bench.append([number])
            #expect(await iterator.next() == Position(number))
        }
        task.cancel()
        // An error would be a failure of the service that runs it, which only shuts down.
        try await task.value
    }

    @Test func statusTellsTheLagAndWhatWasDone() async throws {
        let bench = RelayBench()
        try await bench.append([1, 1, 1, 2])
        bench.router.change { $0.poison = [1] }
        bench.router.change { $0.fates = [.fails(after: 0, isTransient: true, reports: false)] }
        let relay = try bench.relay()
        try await relay.drain()
        try await bench.append([2, 2])
        let status = try await relay.status()
        #expect(status.cursor == 4 && status.lastPosition == 6 && status.lag == 2)
        #expect(status.parkedEventCount == 1 && status.heldEventCount == 2)
        #expect(status.counts.routedEventCount == 1 && status.counts.routedBatchCount == 1)
        // Once in the batch and three times alone.
        #expect(status.counts.refusalCount == 4 && status.counts.transientFailureCount == 1)
        #expect(status.counts.parkedEventCount == 1)
        #expect(status.counts.failureCountInARow == 0 && status.counts.lastFailure == nil)
    }

    @Test func cursorInAnotherStoreIsRefused() async throws {
        let bench = RelayBench()
        try await bench.append([1, 2, 3])
        try await bench.relay().drain()
        let saved = try await bench.state.load()

        let shorter = RelayBench(saved)
        try await shorter.append([1])
        let other = RelayBench(RelayState(cursor: 3, cursorEventID: EventID(number: 77)))
        try await other.append([1, 2, 3, 4])
        for bench in [shorter, other] {
            let error = await #expect(throws: StoreError.self) { try await bench.relay().drain() }
            #expect(error?.code == .relayStateOfAnotherStore)
            #expect(bench.router.calls.isEmpty)
        }
    }

    @Test func configurationThatLeavesNothingToDoIsRefused() throws {
        let changes: [@Sendable (inout RelayConfiguration) -> Void] = [
            { $0.batchEventCountMax = 0 }, { $0.attemptCountMax = 0 }, { $0.parkedCountMax = -1 },
        ]
        for change in changes {
            let error = #expect(throws: StoreError.self) { try RelayBench().relay(change) }
            #expect(error?.code == .invalidArgument)
        }
    }

    /// Two deliveries at the same time could let a later event of an aggregate overtake an earlier one.
    @Test func twoTasksThatRunOneRelayTakeTurns() async throws {
        let bench = RelayBench()
        try await bench.append(Array(repeating: 1, count: 200))
        bench.router.change { $0.onCall = { await Task.yield() } }
        let relay = try bench.relay { $0.batchEventCountMax = 3 }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0 ..< 4 { group.addTask { try await relay.drain() } }
            try await group.waitForAll()
        }
        #expect(bench.router.taken == (1 ... 200).map { Position($0) })
    }

    @Test func failureToSaveTheStateEndsTheRunAndNothingIsLost() async throws {
        let bench = RelayBench()
        try await bench.append([1, 2, 3])
        let failing = FailingStateStore(bench.state, failingSaves: [2])
        var configuration = RelayConfiguration()
        configuration.batchEventCountMax = 1
        let relay = try Relay(
            reading: bench.store, feeding: bench.router, keepingStateIn: failing, configuration: configuration
        )
        let error = await #expect(throws: StoreError.self) { try await relay.drain() }
        #expect(error?.code == .unavailable)
        #expect(try await bench.state.load().cursor == 1)
        try await relay.drain()
        #expect(bench.router.taken == [1, 2, 2, 3])
    }

    @Test func storeThatIsAwayIsWaitedFor() async throws {
        let bench = RelayBench()
        try await bench.append([1, 2])
        let away = AwayEventStore(bench.store, failingReads: 3)
        let pauses = Gathered<Duration>()
        var configuration = RelayConfiguration()
        configuration.sleep = { pauses.add($0) }
        let relay = try Relay(
            reading: away, feeding: bench.router, keepingStateIn: bench.state, configuration: configuration)
        try await relay.drain()
        #expect(bench.router.taken == [1, 2])
        #expect(pauses.values.count == 3)
    }
}

/// A state store some of whose saves fail, numbered from 1.
final class FailingStateStore: RelayStateStore {
    private let inner: MemoryRelayStateStore
    private let failing: Set<Int>
    private let count = Gathered<Int>()

    init(_ inner: MemoryRelayStateStore, failingSaves: Set<Int>) {
        self.inner = inner
        failing = failingSaves
    }

    func load() async throws(StoreError) -> RelayState { try await inner.load() }

    func save(_ state: RelayState) async throws(StoreError) {
        count.add(1)
        if failing.contains(count.values.count) { throw StoreError(.unavailable, "The disk is full.") }
        try await inner.save(state)
    }
}

/// A state store that counts what is saved.
final class CountingStateStore: RelayStateStore {
    private let inner: MemoryRelayStateStore
    private let saves = Gathered<RelayState>()

    init(_ inner: MemoryRelayStateStore) { self.inner = inner }

    var saveCount: Int { saves.values.count }

    func load() async throws(StoreError) -> RelayState { try await inner.load() }

    func save(_ state: RelayState) async throws(StoreError) {
        saves.add(state)
        try await inner.save(state)
    }
}

/// A store of states whose first answer is lost: the state is kept, or it is not.
final class UncertainStateStore: RelayStateStore {
    private let inner: MemoryRelayStateStore
    private let isKept: Bool
    private let failures = Gathered<Bool>()

    init(_ inner: MemoryRelayStateStore, isKept: Bool) {
        self.inner = inner
        self.isKept = isKept
    }

    func load() async throws(StoreError) -> RelayState { try await inner.load() }

    func save(_ state: RelayState) async throws(StoreError) {
        let isFirst = failures.values.isEmpty
        if isKept || !isFirst { try await inner.save(state) }
        failures.add(isFirst)
        if isFirst { throw StoreError(.unavailable, "The answer was lost.") }
    }
}

/// A store on a server that is away at first.
final class AwayEventStore: EventStore {
    private let inner: MemoryEventStore
    private let failingReads: Int
    private let reads = Gathered<Int>()

    init(_ inner: MemoryEventStore, failingReads: Int) {
        self.inner = inner
        self.failingReads = failingReads
    }

    private func check() throws(StoreError) {
        reads.add(1)
        if reads.values.count <= failingReads { throw StoreError(.unavailable, "The server is away.") }
    }

    func append(_ commit: Commit) async throws(StoreError) -> CommitReceipt { try await inner.append(commit) }

    func read(_ query: EventQuery) async throws(StoreError) -> EventPage {
        try check()
        return try await inner.read(query)
    }

    func status(of aggregate: AggregateID) async throws(StoreError) -> AggregateStatus? {
        try await inner.status(of: aggregate)
    }

    func lastPosition() async throws(StoreError) -> Position {
        try check()
        return try await inner.lastPosition()
    }

    func waitForEvent(after position: Position) async throws(StoreError) {
        try await inner.waitForEvent(after: position)
    }
}
