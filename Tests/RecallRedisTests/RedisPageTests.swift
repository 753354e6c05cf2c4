// How much one answer of the server holds at most. Without a bound in bytes, 1,024 events of 16 MiB would be one answer, which holds
// up the server, and then fills the memory here.

import Foundation
import Recall
import Testing

@testable import RecallRedis

@Suite(.needsRedis) struct RedisPageTests {
    @Test(arguments: [EventQuery.Direction.forwards, .backwards])
    func aPageIsBoundedInBytes(direction: EventQuery.Direction) async throws {
        let server = try await SharedRedis.server()
        let store = try await RedisEventStore.open(server.configuration())
        let bytes = Data((0 ..< 300_000).map { _ in UInt8.random(in: 0 ... 255) })
        for _ in 0 ..< 6 {
            let events = (0 ..< 5).map { _ in
                NewEvent(aggregateID: AggregateID(), type: "Large", contentType: .binary, payload: bytes)
            }
            _ = try await store.append(Commit(events: events))
        }
        var positions: [Position] = []
        var pageCount = 0
        var next: EventQuery? = EventQuery(direction: direction)
        while let query = next {
            let page = try await store.read(query)
            // A bound is passed by one event at most, and a few are fetched at a time.
            #expect(page.events.reduce(0) { $0 + $1.payload.count } <= PageRequest.bytesMax + 8 * 300_000)
            positions += page.events.map(\.position)
            pageCount += 1
            next = page.next
        }
        #expect(pageCount > 1)
        let all = (1 ... 30).map { Position($0) }
        #expect(positions == (direction == .forwards ? all : all.reversed()))
        store.close()
    }
}
