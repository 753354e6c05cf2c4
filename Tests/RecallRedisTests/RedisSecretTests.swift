// The story: a hoster gives the address of a server as a URL with its password, and it was put where a host belongs. The error repeated
// it whole, into a log that many read. And `dump` of the services of a configuration showed every value of its file.

import Foundation
import Recall
import RecallConfiguration
import RecallServerTestSupport
import Testing

@testable import RecallRedis

@Suite struct RedisSecretTests {
    private static let secret = "s3cr3t"
    private static let addresses = [
        "redis://hermes:s3cr3t@redis.internal:6379", "rediss://:s3cr3t@redis.internal",
        "hermes:s3cr3t@redis.internal",
        "redis://hermes:s3cr3t/with@signs@redis.internal:6379/0", "redis://redis.internal?password=s3cr3t",
    ]

    private static func shows(_ value: Any) -> String {
        var text = ""
        dump(value, to: &text)
        return text + "\(value)" + String(reflecting: value)
    }

    @Test(arguments: addresses)
    func anAddressThatIsAURLIsRefusedWithoutItsPassword(_ address: String) async throws {
        for configuration in [
            RedisStoreConfiguration(name: "a", host: address),
            RedisStoreConfiguration(name: "a", deployment: .cluster([.tcp(host: address, port: 1)])),
        ] {
            #expect(!Self.shows(configuration).contains(Self.secret))
            let error = await #expect(throws: StoreError.self) {
                try await RedisEventStore.open(configuration)
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.contains("no URL") == true, "\(error?.message ?? "")")
            #expect(!Self.shows(error as Any).contains(Self.secret))
        }
        var registry = StoreRegistry()
        registry.register(RedisEventStore.self)
        for settings in [
            "address: \"\(address)\"", "cluster: [\"\(address)\"]",
            "address: a\n    database: \"\(address)\"",
        ] {
            let file = try ScratchDirectory()
            try "event_stores:\n  main:\n    kind: redis\n    \(settings)\n"
                .write(toFile: file.file("recall.yaml"), atomically: true, encoding: .utf8)
            // When the file is read, and not when the store is asked for.
            let error = await #expect(throws: ConfigurationError.self) {
                try await RecallServices(file: file.file("recall.yaml"), environment: [:], registry: registry)
            }
            #expect(error?.code == .invalidValue)
            #expect(
                error?.message.isEmpty == false && !Self.shows(error as Any).contains(Self.secret),
                "\(error as Any)")
        }
    }

    @Test func servicesShowNoValueOfTheirFile() async throws {
        let file = try ScratchDirectory()
        try """
        event_stores:
          main:
            kind: redis
            address: redis.internal
            user: hermes
            password: \(Self.secret)
        """.write(toFile: file.file("recall.yaml"), atomically: true, encoding: .utf8)
        var registry = StoreRegistry()
        registry.register(RedisEventStore.self)
        let services = try await RecallServices(
            file: file.file("recall.yaml"), environment: ["EVENT_STORES_MAIN_PASSWORD": Self.secret],
            registry: registry)
        let shown = Self.shows(services)
        #expect(shown.contains("recall.yaml"))
        #expect(!shown.contains(Self.secret))
    }

    @Test func aMisspeltVariableIsNamed() async throws {
        let file = try ScratchDirectory()
        try "event_stores:\n  main:\n    kind: redis\n    address: redis.internal\n"
            .write(toFile: file.file("recall.yaml"), atomically: true, encoding: .utf8)
        var registry = StoreRegistry()
        registry.register(RedisEventStore.self)
        for (name, meant) in [
            ("EVENT_STORES_MAIN_PASWORD", "EVENT_STORES_MAIN_PASSWORD"),
            ("DEFAULT_EVENT_STOER", "DEFAULT_EVENT_STORE"),
        ] {
            let error = await #expect(throws: ConfigurationError.self) {
                try await RecallServices(
                    file: file.file("recall.yaml"), environment: [name: Self.secret, "HOME": "/"],
                    registry: registry)
            }
            #expect(error?.code == .unknownKey)
            #expect("\(error as Any)".contains(name) && "\(error as Any)".contains(meant))
            #expect(!"\(error as Any)".contains(Self.secret))
        }
    }
}
