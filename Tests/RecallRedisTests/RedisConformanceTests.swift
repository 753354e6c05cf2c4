// The store on Redis, held against the suite that every event store has to pass.

import Foundation
import Recall
import RecallRedis
import RecallTestKit
import Testing

/// In each of these suites one case after the other, so that a case which waits does not wait for all the others too; the
/// suites beside each other, since most of the time goes into the server's syncs.
enum RedisConformance {
    static let queries = EventStoreConformance.cases.filter { $0.name.contains("filter:") }
    static let reopenings = EventStoreConformance.cases.filter(\.needsReopening)
    static let others = EventStoreConformance.cases.filter {
        !$0.name.contains("filter:") && !$0.needsReopening
    }

    static func check(_ condition: EventStoreConformance.Case) async throws {
        let server = try await SharedRedis.server()
        let configuration = server.configuration()
        try await condition.run(on: ConformanceSubject { try await instance(configuration) })
        // What a case has stored takes memory until its keys go.
        try server.call(
            "EVAL", "for _, key in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('UNLINK', key) end", "0",
            "{\(configuration.name)}:*")
    }

    private static func instance(
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

@Suite(.serialized, .needsRedis) struct RedisConformanceTests {
    @Test(arguments: TestEffort.cases(RedisConformance.others))
    func storeOnRedisConforms(_ condition: EventStoreConformance.Case) async throws {
        try await RedisConformance.check(condition)
    }
}

@Suite(.serialized, .needsRedis) struct RedisConformanceOfQueriesTests {
    @Test(arguments: TestEffort.cases(RedisConformance.queries))
    func storeOnRedisConforms(_ condition: EventStoreConformance.Case) async throws {
        try await RedisConformance.check(condition)
    }
}

@Suite(.serialized, .needsRedis) struct RedisConformanceOfReopeningTests {
    @Test(arguments: TestEffort.cases(RedisConformance.reopenings))
    func storeOnRedisConforms(_ condition: EventStoreConformance.Case) async throws {
        try await RedisConformance.check(condition)
    }

    @Test func noCaseIsLeftOut() {
        let count =
            RedisConformance.queries.count + RedisConformance.reopenings.count + RedisConformance.others.count
        #expect(count == EventStoreConformance.cases.count)
        #expect(RedisConformance.queries.count > 0 && RedisConformance.reopenings.count > 0)
    }
}
