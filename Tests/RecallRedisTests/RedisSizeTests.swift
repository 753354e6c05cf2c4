// The story: a relay came to nine events of 16 MiB, behind a line of a few megabytes a second. The server put eight of them into one
// answer of 128 MiB, which never came within the time of a command; the relay asked for the same page for ever.

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

@Suite(.serialized, .needsRedis) struct RedisSizeTests {
    private static func event(_ size: Int) -> NewEvent {
        NewEvent(aggregateID: AggregateID(), type: "Filmed", payload: Data(repeating: 7, count: size))
    }

    @Test func aPageEndsBehindTheFirstEventThatPassesItsBytes() async throws {
        let server = try await SharedRedis.server()
        let store = try await RedisEventStore.open(server.configuration())
        let sizes = [10, 10, 3 << 20, 2 << 20, 10, 5 << 20, 5 << 20, 10]
        for size in sizes { _ = try await store.append(Commit(events: [Self.event(size)])) }
        for (direction, counts) in [
            (EventQuery.Direction.forwards, [4, 2, 1, 1]), (.backwards, [2, 1, 3, 2]),
        ] {
            var pages: [Int] = []
            var next: EventQuery? = EventQuery(direction: direction)
            while let query = next {
                let page = try await store.read(query)
                pages.append(page.events.count)
                next = page.next
            }
            #expect(pages == counts)
        }
        store.close()
    }

    @Test func aRelayGoesOnOverASlowLine() async throws {
        let server = try await RedisServer.started()
        let count = TestEffort.isWhole ? 9 : 3
        var configuration = server.configuration()
        configuration.commandTimeout = .seconds(60)
        let writer = try await RedisEventStore.open(configuration)
        for _ in 0 ..< count { _ = try await writer.append(Commit(events: [Self.event(16 << 20)])) }
        writer.close()
        // 64 KiB in 16 milliseconds: an event takes more than four seconds, and a command must not stand still for two.
        let proxy = try LoopbackProxy(to: server.process.port) {
            (
                requests: { $0.count },
                answers: { bytes in
                    usleep(UInt32(bytes.count / 4))
                    return bytes.count
                }
            )
        }
        defer { proxy.stop() }
        configuration.deployment = .single(.tcp(host: "127.0.0.1", port: proxy.port))
        configuration.commandTimeout = .seconds(2)
        configuration.retryDuration = .seconds(1)
        let store = try await RedisEventStore.open(configuration)
        let positions = Shared<[Position]>([])
        let relay = try Relay(
            reading: store,
            feeding: ClosureRouter { events in
                positions.change { $0 += events.map(\.position) }
            }, keepingStateIn: MemoryRelayStateStore())
        let running = Task { try await relay.run() }
        try await Eventually.holds("all events", within: .seconds(120)) { positions.value.count >= count }
        #expect(positions.value == (1 ... UInt64(count)).map { Position($0) })
        running.cancel()
        _ = await running.result
        store.close()
        try await server.process.kill()
    }
}

private struct ClosureRouter: EventRouter {
    let body: @Sendable ([RecordedEvent]) -> Void
    init(_ body: @escaping @Sendable ([RecordedEvent]) -> Void) { self.body = body }
    func route(_ events: [RecordedEvent]) async throws { body(events) }
}
