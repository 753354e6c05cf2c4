// What a server cannot promise is refused, by the name of the setting, and not weakened.

import Foundation
import Recall
import RecallServerTestSupport
import Testing

@testable import RecallRedis

@Suite(.serialized, .needsRedis) struct RedisServerCheckTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        var settings: [String]
        var durability: RedisDurability
        /// What the message names; nil where the server will do.
        var names: String?
        var testDescription: String { "\(durability) on \(settings.joined(separator: " "))" }

        init(_ durability: RedisDurability, _ settings: [String], _ names: String?) {
            self.durability = durability
            self.settings = settings
            self.names = names
        }
    }

    static let always = ["appendonly", "yes", "appendfsync", "always", "no-appendfsync-on-rewrite", "no"]
    static let refusals: [Refusal] = [
        Refusal(.everyWrite, always, nil),
        Refusal(.everyWrite, ["appendonly", "no"], "appendonly"),
        Refusal(.everyWrite, ["appendonly", "yes", "appendfsync", "everysec"], "appendfsync"),
        Refusal(.everyWrite, ["appendonly", "yes", "appendfsync", "no"], "appendfsync"),
        Refusal(.everyWrite, always.dropLast() + ["yes"], "no-appendfsync-on-rewrite"),
        Refusal(.everySecond, always, nil),
        Refusal(.everySecond, ["appendonly", "yes", "appendfsync", "everysec"], nil),
        Refusal(.everySecond, ["appendonly", "yes", "appendfsync", "no"], "appendfsync"),
        Refusal(.everySecond, ["appendonly", "no"], "appendonly"),
        Refusal(.none, ["appendonly", "no"], nil),
        Refusal(.none, ["maxmemory-policy", "allkeys-lru"], "maxmemory-policy"),
        Refusal(.everyWrite, always + ["maxmemory-policy", "allkeys-random"], "maxmemory-policy"),
        Refusal(.everyWrite, always + ["maxmemory-policy", "volatile-ttl"], nil),
    ]

    @Test func aServerThatPromisesLessIsRefusedByTheNameOfTheSetting() async throws {
        let server = try await RedisServer.started()
        for refusal in Self.refusals {
            try server.call("CONFIG", "SET", "maxmemory-policy", "noeviction")
            try server.call("CONFIG", "SET", "no-appendfsync-on-rewrite", "no")
            for index in stride(from: 0, to: refusal.settings.count, by: 2) {
                try server.call("CONFIG", "SET", refusal.settings[index], refusal.settings[index + 1])
            }
            var configuration = server.configuration()
            configuration.durability = refusal.durability
            guard let name = refusal.names else {
                try await RedisEventStore.open(configuration).close()
                continue
            }
            let error = await #expect(throws: StoreError.self, "\(refusal.testDescription)") {
                try await RedisEventStore.open(configuration)
            }
            #expect(error?.code == .unsupported)
            #expect(error?.message.contains("the setting \(name) ") == true, "\(error?.message ?? "")")
        }
        // One that is asked to end while it writes the first file of its own does not.
        try await server.process.kill()
    }

    @Test func aServerThatForbidsLookingIsRefusedUnlessSaidOtherwise() async throws {
        let server = try await RedisServer.started(RedisServer.durable + ["--rename-command", "CONFIG", ""])
        var configuration = server.configuration()
        let error = await #expect(throws: StoreError.self) { try await RedisEventStore.open(configuration) }
        #expect(error?.message.contains("isServerChecked") == true)
        configuration.isServerChecked = false
        let store = try await RedisEventStore.open(configuration)
        #expect(try await store.append(.one).firstPosition == 1)
        store.close()
        try await server.process.stop()
    }

    @Test func aServerWithoutMemoryWritesNothingAndStillKnowsRepetitions() async throws {
        let server = try await RedisServer.started()
        let store = try await RedisEventStore.open(server.configuration())
        let stored = Commit.one
        _ = try await store.append(stored)
        try server.call("CONFIG", "SET", "maxmemory", "1")
        let error = await #expect(throws: StoreError.self) { try await store.append(.one) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("no memory left (maxmemory)") == true)
        #expect(try await store.append(stored).wasStoredBefore)
        #expect(try await store.lastPosition() == 1)
        try server.call("CONFIG", "SET", "maxmemory", "0")
        #expect(try await store.append(.one).firstPosition == 2)
        store.close()
        try await server.process.stop()
    }

    @Test func tooFewReplicasAreAnErrorAndARepetitionWaitsAgain() async throws {
        let server = try await RedisServer.started()
        var configuration = server.configuration()
        configuration.replicaAcknowledgementCount = 1
        configuration.replicaTimeout = .milliseconds(50)
        let lonely = try await RedisEventStore.open(configuration)
        let commit = Commit.one
        for _ in 0 ..< 2 {
            let error = await #expect(throws: StoreError.self) { try await lonely.append(commit) }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("only 0 of 1 replicas") == true)
            #expect(error?.message.contains("append it again with the same event ids") == true)
        }
        lonely.close()
        let replica = try await RedisServer.started(
            RedisServer.durable + ["--replicaof", "127.0.0.1", "\(server.process.port)"])
        configuration.replicaTimeout = .seconds(30)
        let store = try await RedisEventStore.open(configuration)
        let receipt = try await store.append(commit)
        #expect(receipt.wasStoredBefore)
        #expect(receipt.firstPosition == 1)
        // What was acknowledged is there, without waiting.
        #expect(try replica.call("XLEN", StoreKeys(name: configuration.name).log) == .integer(1))
        #expect(try await store.append(.one).firstPosition == 2)
        #expect(try replica.call("XLEN", StoreKeys(name: configuration.name).log) == .integer(2))
        store.close()
        var ofReplica = configuration
        ofReplica.deployment = .single(replica.address)
        ofReplica.retryDuration = .zero
        let error = await #expect(throws: StoreError.self) { try await RedisEventStore.open(ofReplica) }
        #expect(error?.message.contains("it is a replica") == true)
        try await replica.process.kill()
        try await server.process.stop()
    }

    @Test func aMasterThatBecomesAReplicaIsUsedAgainWhenItIsAMaster() async throws {
        let master = try await RedisServer.started()
        let server = try await RedisServer.started()
        let store = try await RedisEventStore.open(server.configuration())
        _ = try await store.append(.one)
        // Of a master that is not there: it keeps what it has, and takes no writes.
        try await master.process.kill()
        try server.call("REPLICAOF", "127.0.0.1", "\(master.process.port)")
        let appending = Task { try await store.append(.one) }
        try await Eventually.holds("an append that was refused") {
            let text = try server.call("INFO", "errorstats").text ?? ""
            // Before version 7 an error inside a script counts as one of the script.
            return text.contains("errorstat_READONLY") || text.contains("errorstat_ERR")
        }
        try server.call("REPLICAOF", "NO", "ONE")
        #expect(try await appending.value.firstPosition == 2)
        store.close()
        try await server.process.stop()
    }

    @Test func settingsThatMakeNoSenseAreRefusedByName() async throws {
        let changes: [(String, @Sendable (inout RedisStoreConfiguration) -> Void)] = [
            ("name", { $0.name = "" }), ("name", { $0.name = "a{b" }),
            ("name", { $0.name = String(repeating: "x", count: 201) }),
            ("database", { $0.database = -1 }),
            ("connectionCountMax", { $0.connectionCountMax = 0 }),
            ("replicaAcknowledgementCount", { $0.replicaAcknowledgementCount = -1 }),
            ("commandTimeout", { $0.commandTimeout = .zero }),
            ("retryDuration", { $0.retryDuration = .seconds(-1) }),
            ("deployment", { $0.deployment = .cluster([]) }),
            ("deployment", { $0.deployment = .cluster([.unix(path: "/tmp/x")]) }),
            (
                "tls",
                {
                    $0.tls = {
                        var tls = RedisTLS(); tls.keyPath = "k"; return tls
                    }()
                }
            ),
        ]
        for (name, change) in changes {
            var configuration = RedisStoreConfiguration(name: "a", host: "127.0.0.1")
            change(&configuration)
            let error = await #expect(throws: StoreError.self) {
                try await RedisEventStore.open(configuration)
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.contains("The setting \(name) ") == true)
        }
    }
}

extension Commit {
    /// A commit of one event with a new id, of a new aggregate.
    static var one: Commit {
        Commit(events: [NewEvent(aggregateID: AggregateID(), type: "Happened", payload: Data("{}".utf8))])
    }
}
