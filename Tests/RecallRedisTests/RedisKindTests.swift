// Stores on Redis as a file names them.

import Foundation
import Recall
import RecallConfiguration
import RecallServerTestSupport
import Testing

@testable import RecallRedis

@Suite(.needsRedis) struct RedisKindTests {
    private func services(_ text: String) async throws -> RecallServices {
        var registry = StoreRegistry()
        registry.register(RedisEventStore.self)
        registry.register(RedisShardedEventStore.self)
        let directory = try ScratchDirectory("configuration")
        return try await RecallServices(
            file: try directory.write(text, to: "recall.yaml"), environment: [:], registry: registry)
    }

    @Test func aFileNamesBothKinds() async throws {
        let server = try await SharedRedis.server()
        let services = try await services(
            """
            event_stores:
              main: {kind: redis, store: \(UUID().uuidString), address: "\(server.address)", retry_duration: 10 s}
              wide: {kind: redis_sharded, store: \(UUID().uuidString), address: "\(server.address)", shard_count: 3}
            default: {event_store: main}
            Company: {event_store: wide}
            """)
        #expect(try await services.eventStore(for: "Account").append(.one).firstPosition == 1)
        let wide = try await services.eventStore(for: "Company")
        #expect(try await wide.append(.one).firstPosition == 1)
        #expect((wide as? RedisShardedEventStore)?.shards.count == 3)
        try await services.close()
        await #expect(throws: StoreError.self) { try await wide.append(.one) }
    }

    @Test(arguments: [
        ("kind: redis", "address"), ("kind: redis, address: \"a:b\"", "address"),
        ("kind: redis, address: \":1\"", "address"),
        ("kind: redis, address: a, cluster: [b, c]", "address"),
        ("kind: redis, address: a, user: hermes", "user"),
        ("kind: redis, address: a, tls_server_name: b", "tls"),
        ("kind: redis, address: a, durability: commit", "durability"),
        ("kind: redis, address: a, adress: b", "adress"), ("kind: redis_sharded, address: a", "shard_count"),
    ])
    func whatMakesNoSenseIsNamed(_ definition: String, _ name: String) async throws {
        let error = await #expect(throws: ConfigurationError.self) {
            let services = try await services(
                "event_stores: {main: {\(definition)}}\ndefault: {event_store: main}")
            _ = try await services.eventStore(for: "Company")
        }
        #expect("\(error as Any)".contains(name))
    }

    @Test func aPasswordIsNeverShown() async throws {
        let server = try await SharedRedis.server()
        let services = try await services(
            """
            event_stores: {main: {kind: redis, address: "\(server.address)", password: so secret, retry_duration: 0 s}}
            default: {event_store: main}
            """)
        let error = await #expect(throws: (any Error).self) { try await services.eventStore(for: "Company") }
        #expect(!"\(error as Any)".contains("so secret"))
    }
}
