// Passwords, users, databases and TLS, and that no secret gets into a message.

import Foundation
import Recall
import RecallServerTestSupport
import Testing

@testable import RecallRedis

@Suite(.serialized, .needsRedis) struct RedisSecurityTests {
    private static let password = "correct horse battery staple"

    @Test func passwordsAndUsersAreAskedForAndNeverShown() async throws {
        let server = try await RedisServer.started(
            RedisServer.durable + [
                "--requirepass", Self.password, "--user", "hermes", "on", ">\(Self.password)2",
                "~{accounts}:*", "+@all",
            ])
        var configuration = server.configuration("accounts")
        configuration.retryDuration = .zero
        let outcomes: [(RedisCredentials?, String?)] = [
            (nil, "asks for a password"),
            (
                RedisCredentials(password: "wrong secret"),
                "refused the credentials of the default user (WRONGPASS)"
            ),
            (
                RedisCredentials(user: "hermes", password: "wrong secret"),
                "refused the credentials of hermes (WRONGPASS)"
            ),
            (RedisCredentials(password: Self.password), nil),
            (RedisCredentials(user: "hermes", password: Self.password + "2"), nil),
        ]
        for (credentials, message) in outcomes {
            configuration.credentials = credentials
            guard let message else {
                let store = try await RedisEventStore.open(configuration)
                _ = try await store.append(.one)
                store.close()
                continue
            }
            let error = await #expect(throws: StoreError.self) {
                try await RedisEventStore.open(configuration)
            }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
            #expect("\(error as Any)".contains("secret") == false)
        }
        // A user without rights to the keys of another store.
        configuration.name = "other"
        let error = await #expect(throws: StoreError.self) { try await RedisEventStore.open(configuration) }
        #expect(error?.message.contains("does not allow this user") == true)
        try await server.process.stop()
    }

    @Test func credentialsShowNoPassword() {
        var configuration = RedisStoreConfiguration(name: "a", host: "b")
        configuration.credentials = RedisCredentials(user: "hermes", password: Self.password)
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(text.contains("hermes"))
            #expect(!text.contains(Self.password))
        }
    }

    @Test func databasesAreApart() async throws {
        let server = try await RedisServer.started()
        var configuration = server.configuration("same")
        let first = try await RedisEventStore.open(configuration)
        _ = try await first.append(.one)
        configuration.database = 3
        let second = try await RedisEventStore.open(configuration)
        #expect(try await second.lastPosition() == 0)
        configuration.database = 99
        let error = await #expect(throws: StoreError.self) { try await RedisEventStore.open(configuration) }
        #expect(error?.message.contains("no database 99") == true)
        first.close()
        second.close()
        try await server.process.stop()
    }

    @Test func aSocketInTheFileSystemWorks() async throws {
        let directory = try ScratchDirectory()
        let server = try await RedisServer.started(
            RedisServer.durable + ["--unixsocket", directory.file("s"), "--unixsocketperm", "700"])
        let store = try await RedisEventStore.open(
            RedisStoreConfiguration(name: "a", deployment: .single(.unix(path: directory.file("s")))))
        #expect(try await store.append(.one).firstPosition == 1)
        store.close()
        var configuration = RedisStoreConfiguration(
            name: "a", deployment: .single(.unix(path: "/nowhere/at/all")))
        configuration.retryDuration = .zero
        let error = await #expect(throws: StoreError.self) { try await RedisEventStore.open(configuration) }
        #expect(error?.message.contains("/nowhere/at/all") == true)
        try await server.process.stop()
    }

    /// A server that also speaks TLS, and a configuration that asks for that port and does not try again.
    /// - Parameter isAskingClients: whether the server wants a certificate of its clients.
    private static func serverWithTLS(
        _ certificates: Certificates, isAskingClients: Bool
    ) async throws -> (RedisServer, RedisStoreConfiguration) {
        let port = try LoopbackPort.free()
        let server = try await RedisServer.started(
            RedisServer.durable + [
                "--tls-port", "\(port)", "--tls-cert-file", certificates.path("server.crt"),
                "--tls-key-file", certificates.path("server.key"),
                "--tls-ca-cert-file", certificates.path("ca.crt"),
                "--tls-auth-clients", isAskingClients ? "yes" : "no",
            ])
        var configuration = server.configuration()
        configuration.retryDuration = .zero
        configuration.deployment = .single(.tcp(host: "127.0.0.1", port: port))
        return (server, configuration)
    }

    @Test func tlsIsVerifiedUnlessSaidOtherwise() async throws {
        let certificates = try Certificates()
        let (server, initial) = try await Self.serverWithTLS(certificates, isAskingClients: false)
        var configuration = initial
        let trusted = RedisTLS(authorityPath: certificates.path("ca.crt"))

        configuration.tls = trusted
        let store = try await RedisEventStore.open(configuration)
        var large = Commit.one
        large.events[0].payload = Data((0 ..< 3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        _ = try await store.append(large)
        #expect(try await store.read(EventQuery()).events.first?.payload == large.events[0].payload)
        let waiting = Task { try await store.waitForEvent(after: 1) }
        _ = try await store.append(.one)
        try await waiting.value
        store.close()

        let named = RedisTLS(authorityPath: certificates.path("ca.crt"), serverName: "redis.planet.express")
        var unverified = RedisTLS()
        unverified.isVerifying = false
        let other = RedisTLS(authorityPath: certificates.path("other.crt"))
        let misnamed = RedisTLS(authorityPath: certificates.path("ca.crt"), serverName: "momcorp.com")
        let outcomes: [(RedisTLS?, String?)] = [
            (named, nil), (unverified, nil), (RedisTLS(), "not trusted"), (other, "not trusted"),
            (misnamed, "not trusted"), (RedisTLS(authorityPath: "/nowhere"), "/nowhere"),
            (nil, "could not be used"),
        ]
        for (tls, message) in outcomes {
            configuration.tls = tls
            guard let message else {
                try await RedisEventStore.open(configuration).close()
                continue
            }
            let error = await #expect(throws: StoreError.self) {
                try await RedisEventStore.open(configuration)
            }
            #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        }
        try await server.process.stop()
    }

    @Test func aServerMayAskForTheClientsCertificate() async throws {
        let certificates = try Certificates()
        let (server, initial) = try await Self.serverWithTLS(certificates, isAskingClients: true)
        var configuration = initial
        configuration.tls = RedisTLS(authorityPath: certificates.path("ca.crt"))
        let error = await #expect(throws: StoreError.self) { try await RedisEventStore.open(configuration) }
        #expect(error?.code == .unavailable)
        configuration.tls?.certificatePath = certificates.path("client.crt")
        configuration.tls?.keyPath = certificates.path("client.key")
        let store = try await RedisEventStore.open(configuration)
        #expect(try await store.append(.one).firstPosition == 1)
        store.close()
        try await server.process.stop()
    }
}
