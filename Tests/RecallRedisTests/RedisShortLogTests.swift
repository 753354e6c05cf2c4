// A log that is shorter than its head says: somebody took events away, or the log was restored from an earlier time. What is appended
// then would get positions that were given before.

import Foundation
import Recall
import Testing

@testable import RecallRedis

@Suite(.needsRedis) struct RedisShortLogTests {
    @Test func aLogThatIsShorterThanItsHeadIsDamage() async throws {
        let server = try await SharedRedis.server()
        let configuration = server.configuration()
        let keys = StoreKeys(name: configuration.name)
        let store = try await RedisEventStore.open(configuration)
        for _ in 1 ... 3 { _ = try await store.append(.one) }
        try server.call("XDEL", keys.log, "3-0")
        let error = await #expect(throws: StoreError.self) { try await store.append(.one) }
        #expect(error?.code == .damaged)
        #expect(error?.message.contains("the log holds 2 events") == true)
        #expect(try server.call("XLEN", keys.log).integer == 2)
        store.close()
    }
}
