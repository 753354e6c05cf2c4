// The story: pages were bounded by a number of events. A relay that came to 256 events of 16 MiB asked for all of them at once, and so did
// a subscription and a load: 4 GiB in memory for a batch of which the router got 4 MiB. Whoever reads on reads so many bytes ahead and one
// event.

import Foundation
import Recall
import RecallTestKit
import Synchronization
import Testing

@Suite struct PageBytesTests {
    /// Notes how much each page held.
    private final class MeasuredStore: EventStore {
        let store = MemoryEventStore()
        private let pages = Mutex<[[RecordedEvent]]>([])

        var largestBytesCount: Int { pages.withLock { $0.map(Self.bytesCount).max() ?? 0 } }
        var readCount: Int { pages.withLock { $0.reduce(0) { $0 + $1.count } } }
        func reset() { pages.withLock { $0 = [] } }

        static func bytesCount(_ events: [RecordedEvent]) -> Int {
            events.reduce(0) { $0 + $1.payload.count }
        }

        func append(_ commit: Commit) async throws(StoreError) -> CommitReceipt {
            try await store.append(commit)
        }
        func read(_ query: EventQuery) async throws(StoreError) -> EventPage {
            let page = try await store.read(query)
            pages.withLock { $0.append(page.events) }
            return page
        }
        func status(of aggregate: AggregateID) async throws(StoreError) -> AggregateStatus? {
            try await store.status(of: aggregate)
        }
        func lastPosition() async throws(StoreError) -> Position { try await store.lastPosition() }
        func waitForEvent(after position: Position) async throws(StoreError) {
            try await store.waitForEvent(after: position)
        }
    }

    private static let size = 10_000
    private static let count: UInt64 = 300

    private static func filled() async throws -> MeasuredStore {
        let store = MeasuredStore()
        for number in 1 ... count {
            _ = try await store.append(
                Commit(events: [
                    NewEvent(
                        id: EventID(number: number), aggregateID: AggregateID(number: 1), type: "Filmed",
                        payload: Data(count: size))
                ]))
        }
        return store
    }

    private static func relay(
        _ store: MeasuredStore, _ router: ScriptedRouter, bytesMax: Int
    ) throws -> Relay {
        var configuration = RelayConfiguration()
        configuration.batchBytesMax = bytesMax
        configuration.attemptCountMax = 1
        configuration.sleep = { _ in }
        return try Relay(
            reading: store, feeding: router, keepingStateIn: MemoryRelayStateStore(),
            configuration: configuration)
    }

    @Test(arguments: [1, 10_000, 25_000, 100_000])
    func relayReadsNoMoreAheadThanABatchAndAnEvent(bytesMax: Int) async throws {
        let store = try await Self.filled()
        let router = ScriptedRouter()
        try await Self.relay(store, router, bytesMax: bytesMax).drain()
        #expect(router.taken.map(\.rawValue) == Array(1 ... Self.count))
        #expect(store.largestBytesCount < bytesMax + Self.size)
        // And batches are as large as they may be: what did not fit into one is not a batch by itself.
        let perBatch = max(1, bytesMax / Self.size)
        #expect(router.calls.allSatisfy { $0.count <= perBatch })
        #expect(router.calls.count == (Int(Self.count) + perBatch - 1) / perBatch)
        // At most the event that did not fit is read twice.
        #expect(store.readCount <= Int(Self.count) + router.calls.count)
    }

    /// What waits behind a parked event is delivered in the same portions, to the last one.
    @Test(arguments: [1, 10_000, 25_000, 100_000, 1 << 20])
    func whatWaitsBehindAParkedEventIsReadInPortions(bytesMax: Int) async throws {
        let store = try await Self.filled()
        let router = ScriptedRouter()
        router.change { $0.poison = [1] }
        let relay = try Self.relay(store, router, bytesMax: bytesMax)
        try await relay.drain()
        #expect(router.taken.isEmpty)
        router.change { $0.poison = [] }
        store.reset()
        let report = try await relay.replayParked()
        #expect(report.deliveredEventCount == Int(Self.count))
        #expect(router.taken.map(\.rawValue) == Array(1 ... Self.count))
        #expect(store.largestBytesCount < bytesMax + Self.size)
        #expect(try await relay.parked().isEmpty)
    }

    @Test func followersAndReplaysHoldAPageOfBoundedBytes() async throws {
        let store = try await Self.filled()
        let bytesMax = 50_000
        var count: UInt64 = 0
        for try await _ in store.subscribe(EventQuery(pageBytesMax: bytesMax)) {
            count += 1
            if count == Self.count { break }
        }
        let report = try await Player(store: store).play(EventQuery(pageBytesMax: bytesMax))
        #expect(report.eventCount == Int(Self.count))
        #expect(store.largestBytesCount < bytesMax + Self.size)
        // Nobody has to ask for it.
        #expect(EventQuery().pageBytesMax == 4 << 20)
    }
}
