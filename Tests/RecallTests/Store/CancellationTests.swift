// A task that follows events and is cancelled ended with an error, and a group of services takes any error for a failure: it
// cancelled the service that owns the log before that had closed it, and the program ended as one that had failed.

import Foundation
import Recall
import RecallTestKit
import Synchronization
import Testing

struct CancellationTests {
    let store = MemoryEventStore()

    func append(_ count: Int) async throws {
        for _ in 0 ..< count {
            _ = try await store.append(
                Commit(events: [NewEvent(aggregateID: AggregateID(), type: "Told", payload: Data())]))
        }
    }

    /// As a group of services does it: all are cancelled, and any error is a failure.
    @Test func servicesShutDownWithoutAFailureAndASiblingClosesTheStore() async throws {
        try await append(10)
        let (taken, continuation) = AsyncStream<Position>.makeStream()
        let relay = try RelayBench().relay()
        let services = Task { [store] in
            try await withThrowingTaskGroup { group in
                group.addTask {
                    for try await event in store.subscribe() { continuation.yield(event.position) }
                }
                group.addTask { try await relay.run() }
                group.addTask {
                    // Waits until it is cancelled, and then closes what the others may still use.
                    for await _ in AsyncStream<Never>.makeStream().stream {}
                    store.close()
                }
                try await group.waitForAll()
            }
        }
        var iterator = taken.makeAsyncIterator()
        while let position = await iterator.next(), position < 10 {}
        services.cancel()
        try await services.value
        await #expect(throws: StoreError.self) { try await store.lastPosition() }
    }

    /// A subscription whose store is closed while nobody cancelled it may have missed something, and says so.
    @Test func subscriptionOfAClosedStoreFailsUnlessItIsCancelled() async throws {
        let closing = store
        closing.close()
        let error = await #expect(throws: StoreError.self) { for try await _ in closing.subscribe() {} }
        #expect(error?.code == .closed)
        let cancelled = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            for try await _ in closing.subscribe() {}
        }
        try await cancelled.value
    }

    /// Between two events that have been fetched, too: whoever handles them may take long for each.
    @Test func subscriptionEndsBeforeTheNextEvent() async throws {
        try await append(10)
        let following = Task { [store] in
            var count = 0
            for try await event in store.subscribe() {
                count += 1
                if event.position == 3 { withUnsafeCurrentTask { $0?.cancel() } }
            }
            return count
        }
        #expect(try await following.value == 3)
    }

    /// An end would say that these were all.
    @Test func readingThatIsCancelledFailsInsteadOfEnding() async throws {
        try await append(10)
        let seen = Mutex(0)
        let reading = Task { [store] in
            for try await event in store.events() {
                seen.withLock { $0 += 1 }
                if event.position == 3 { withUnsafeCurrentTask { $0?.cancel() } }
            }
        }
        let error = await #expect(throws: StoreError.self) { try await reading.value }
        #expect(error?.code == .cancelled && seen.withLock { $0 } == 3)
    }

    @Test func playerThatIsCancelledStopsBeforeTheNextEventAndCanGoOn() async throws {
        try await append(10)
        let played = Gathered<Position>()
        var player = Player(store: store)
        player.onAll { event in
            played.add(event.position)
            if event.position == 3 { withUnsafeCurrentTask { $0?.cancel() } }
        }
        let playing = Task { [player] in try await player.play() }
        let failure = await #expect(throws: PlayerError.self) { try await playing.value }
        let error = try #require(failure)
        #expect(error.isCancellation && error.handlerName == nil && error.report.checkpoint.position == 3)
        try await player.play(from: error.report.checkpoint)
        #expect(played.values == (1 ... 10).map { Position($0) })
    }

    /// A relay that waits for its turn, as one that is asked for its status beside a delivery that hangs, waited for ever.
    @Test func relayThatWaitsForItsTurnEndsWhenItIsCancelled() async throws {
        let bench = RelayBench()
        try await bench.append([1])
        let (isCalled, isReleased) = (Gate(), Gate())
        bench.router.change { state in
            state.onCall = {
                isCalled.open()
                await isReleased.wait()
            }
        }
        let relay = try bench.relay()
        let running = Task { try await relay.drain() }
        await isCalled.wait()
        let (second, third) = (Task { try await relay.drain() }, Task { try await relay.run() })
        for task in [second, third] { task.cancel() }
        // To drain is to deliver all, and not all is delivered; to run is to go on until one is asked to stop.
        let error = await #expect(throws: StoreError.self) { try await second.value }
        #expect(error?.code == .cancelled)
        try await third.value
        isReleased.open()
        try await running.value
        #expect(bench.router.taken == [1])
    }
}
