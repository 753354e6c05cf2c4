// A master that was replaced by a replica which had not yet got its last events: the store goes back, and whoever waits has to learn it.

import Foundation
import Recall
import RecallServerTestSupport
import RecallThreads
import Synchronization
import Testing

@testable import RecallRedis

@Suite(.needsRedis) struct RedisLostEventsTests {
    /// The follower kept the highest position that it had ever seen. A wait behind a lower one then ended at once, again and again,
    /// with nothing to read: a subscription spun until the store had grown beyond where it once was.
    @Test func aWaiterLearnsThatEventsAreGone() async throws {
        let server = try await SharedRedis.server()
        let configuration = server.configuration()
        let keys = StoreKeys(name: configuration.name)
        let store = try await RedisEventStore.open(configuration)
        for _ in 1 ... 3 { _ = try await store.append(.one) }
        // Somebody waits all the time, so that the follower is at work.
        let waiting = Task { try await store.waitForEvent(after: 1000) }
        try await store.waitForEvent(after: 2)
        try server.call("DEL", keys.log, keys.head, keys.ids)
        // A wait for the first event ends at once as long as the follower believes in the three: until it has looked again.
        try await Eventually.holds("a wait that does not end where nothing is") {
            let hasEnded = Mutex(false)
            let wait = Task {
                try await store.waitForEvent(after: 0)
                hasEnded.withLock { $0 = true }
            }
            // A wait that finds its event there is over long before the server has answered so often.
            for _ in 0 ..< 20 {
                let position = try await store.lastPosition()
                #expect(position == 0)
            }
            let isWaiting = !hasEnded.withLock { $0 }
            wait.cancel()
            _ = await wait.result
            return isWaiting
        }
        waiting.cancel()
        _ = await waiting.result
        store.close()
    }
}
