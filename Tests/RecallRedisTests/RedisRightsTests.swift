// The story: docs/redis.md listed the rights that a user needs, and nothing held the list. A command was left out, and whoever set his users up
// by it learned that from a commit that stopped in the middle. Here a user has just what the document lists, and does all that a
// store does; and each of the rights is missing once, which is refused before anything is written.

import Foundation
import Recall
import RecallServerTestSupport
import RecallTestKit
import Testing

@testable import RecallRedis

@Suite(.serialized, .needsRedis) struct RedisRightsTests {
    /// A master, and a replica for those who wait for one. Scripts are known to it, as they are after the first user.
    private static let serversTask = Task {
        let master = try await RedisServer.started()
        let replica = try await RedisServer.started(
            RedisServer.durable + ["--replicaof", "127.0.0.1 \(master.process.port)"])
        try await Eventually.holds("a replica at its master", within: .seconds(60)) {
            try replica.call("INFO", "replication").text?.contains("master_link_status:up") == true
        }
        for script in [RedisScript.append, .read, .status] {
            try master.call("SCRIPT", "LOAD", script.source)
        }
        return (master: master, replica: replica)
    }

    /// The words in backquotes of the document's list, as the server calls them.
    private static func documentedRights() throws -> (keys: [String], commands: [String]) {
        let path = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/redis.md")
        let text = try String(contentsOf: path, encoding: .utf8)
        let start = try #require(text.range(of: "A user of the server's access control list needs"))
        let end = try #require(text.range(of: "\n\n", range: start.upperBound ..< text.endIndex))
        let words = text[start.upperBound ..< end.lowerBound].split(separator: "`").enumerated()
            .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
        return (words.filter { $0.hasPrefix("~") }, words.filter { !$0.hasPrefix("~") })
    }

    /// A store of a new name whose user has the rights of the document, but for one.
    private static func configuration(
        of server: RedisServer, without missing: String? = nil, isSharded: Bool = false
    ) throws -> RedisStoreConfiguration {
        let (keys, commands) = try documentedRights()
        var configuration = server.configuration()
        configuration.retryDuration = .seconds(60)
        let pattern = isSharded ? keys[1] : keys[0]
        let user = UUID().uuidString
        let answer = try server.call(
            ["ACL", "SETUSER", user, "on", ">secret", "resetkeys", "-@all"]
                + [pattern.replacing("bank", with: configuration.name)]
                + commands.filter { $0 != missing }.map { "+" + $0 })
        if case .error(let error) = answer { throw ServerSupportError(error.text) }
        configuration.credentials = RedisCredentials(user: user, password: "secret")
        return configuration
    }

    /// All that a store does, in an order in which what needs a right comes before the next thing is written.
    private static func work(_ configuration: RedisStoreConfiguration) async throws {
        let store = try await RedisEventStore.open(configuration)
        defer { store.close() }
        let stream = AggregateID()
        let commit = Commit(
            [NewEvent(aggregateID: stream, type: "Happened", payload: Data("{}".utf8))], to: stream,
            expecting: .noStream)
        #expect(try await store.append(commit).firstPosition == 1)
        #expect(try await store.append(commit).wasStoredBefore)
        for query in [EventQuery(), EventQuery(.aggregate(stream)), EventQuery(.graph(stream))] {
            for direction in [EventQuery.Direction.forwards, .backwards] {
                var query = query
                query.direction = direction
                #expect(try await store.read(query.after(.start)).events.count == 1)
            }
        }
        #expect(try await store.status(of: stream)?.version == 1)
        #expect(try await store.lastPosition() == 1)
        try await store.waitForEvent(after: .beforeFirst)
        var iterator = store.subscribe(EventQuery(positions: 2 ... .last)).makeAsyncIterator()
        _ = try await store.append(.one)
        #expect(try await iterator.next()?.position == 2)
    }

    @Test(arguments: [0, 1], [0, 3])
    func theRightsOfTheDocumentAreEnough(replicaCount: Int, database: Int) async throws {
        let server = try await Self.serversTask.value.master
        var configuration = try Self.configuration(of: server)
        configuration.replicaAcknowledgementCount = replicaCount
        configuration.replicaTimeout = .seconds(60)
        configuration.retryDuration = .seconds(60)
        configuration.database = database
        try await Self.work(configuration)
    }

    @Test func theRightsOfTheDocumentAreEnoughForTheSuite() async throws {
        let server = try await Self.serversTask.value.master
        let cases = EventStoreConformance.cases.filter {
            !$0.name.contains("filter:") && !$0.name.contains("1,000") && !$0.name.contains("10 writers")
        }
        for condition in TestEffort.cases(cases) {
            let configuration = try Self.configuration(of: server)
            try await condition.run(
                on: ConformanceSubject {
                    ConformanceInstance(store: try await RedisEventStore.open(configuration))
                })
        }
    }

    @Test func theRightsOfTheDocumentAreEnoughForShards() async throws {
        let server = try await Self.serversTask.value.master
        let configuration = try Self.configuration(of: server, isSharded: true)
        let store = try await RedisShardedEventStore.open(configuration, shardCount: 3)
        #expect(try await store.append(.one).firstPosition == 1)
        store.close()
    }

    /// What a cluster asks for besides is missed in a cluster only.
    @Test func eachMissingRightIsRefusedBeforeTheFirstWrite() async throws {
        let server = try await Self.serversTask.value.master
        let commands = try Self.documentedRights().commands
        #expect(commands.count >= 20)
        for right in commands where !["cluster|slots", "asking"].contains(right) {
            var configuration = try Self.configuration(
                of: server, without: right, isSharded: right == "hsetnx")
            configuration.replicaAcknowledgementCount = 1
            configuration.database = right == "select" ? 3 : 0
            let limited = configuration
            let error = await #expect(throws: StoreError.self, "without \(right)") {
                if right == "hsetnx" {
                    let store = try await RedisShardedEventStore.open(limited, shardCount: 2)
                    store.close()
                    return
                }
                try await Self.work(limited)
            }
            #expect(error?.code == .unavailable, "without \(right): \(error.map { "\($0)" } ?? "")")
            #expect(
                error?.message.contains("docs/redis.md") == true
                    || error?.message.contains("CONFIG GET") == true,
                "without \(right): \(error?.message ?? "")")
            for name in [configuration.name, "\(configuration.name):0"] {
                let keys = StoreKeys(name: name)
                for key in [keys.log, keys.head, keys.ids, keys.about] {
                    #expect(try server.call("EXISTS", key) == .integer(0), "\(key) without \(right)")
                }
            }
        }
    }

    @Test func eachMissingRightIsRefusedBeforeTheFirstWriteInACluster() async throws {
        let cluster = try await RedisCluster.started()
        let commands = try Self.documentedRights().commands
        for right in [nil, "cluster|slots", "asking"] as [String?] {
            var configuration = cluster.configuration("bank")
            configuration.retryDuration = .seconds(60)
            let user = UUID().uuidString
            for node in cluster.nodes {
                try node.call(
                    ["ACL", "SETUSER", user, "on", ">secret", "resetkeys", "-@all", "~{bank}:*"]
                        + commands.filter { $0 != right }.map { "+" + $0 })
            }
            configuration.credentials = RedisCredentials(user: user, password: "secret")
            guard let right else {
                configuration.retryDuration = .seconds(60)
                configuration.replicaAcknowledgementCount = 1
                configuration.replicaTimeout = .seconds(60)
                try await Self.work(configuration)
                for node in cluster.nodes { _ = try? node.call("FLUSHALL") }
                continue
            }
            let limited = configuration
            let error = await #expect(throws: StoreError.self, "without \(right)") {
                try await Self.work(limited)
            }
            #expect(error?.code == .unavailable)
            #expect(
                error?.message.contains("docs/redis.md") == true, "without \(right): \(error?.message ?? "")")
            let master = try await cluster.master(of: ClusterSlot.number(of: "bank"))
            #expect(try master.call("EXISTS", StoreKeys(name: "bank").log) == .integer(0))
        }
        try await cluster.stop()
    }
}
