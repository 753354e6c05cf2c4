// The store on Redis, held against the suite that every event store has to pass.

import Foundation
import Recall
import RecallRedis
import RecallTestKit
import Testing

/// One case after the other, so that a case which waits does not wait for the others too.
@Suite(.serialized) struct RedisConformanceTests {
    @Test(arguments: EventStoreConformance.cases)
    func storeOnRedisConforms(_ condition: EventStoreConformance.Case) async throws {
        let server = try await SharedRedis.server()
        let configuration = server.configuration()
        try await condition.run(on: ConformanceSubject { try await instance(configuration) })
        // What a case has stored takes memory until its keys go.
        try server.call(
            "EVAL", "for _, key in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('UNLINK', key) end", "0",
            "{\(configuration.name)}:*")
    }

    private func instance(
        _ configuration: RedisStoreConfiguration
    ) async throws -> ConformanceInstance<any EventStore> {
        let store = try await RedisEventStore.open(configuration)
        return ConformanceInstance(
            store: store,
            reopen: {
                store.close()
                return try await instance(configuration)
            },
            dispose: { store.close() })
    }
}
