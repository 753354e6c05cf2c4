// The story: a user of the server's access control list had every command but RPUSH. The script of the first commit wrote its event
// to the log, was refused the list, and ended; the server takes nothing back. From then on the log held one event more than the
// head said, and the store refused every append, for good, also those of users with all rights.
//
// Rights are proved before the first write. Where they are taken away later, readers end at the head, and the next append that may
// completes what was stopped.

import Foundation
import Recall
import RecallServerTestSupport
import Testing

@testable import RecallRedis

@Suite(.needsRedis) struct RedisHalvesTests {
    private static let stream = AggregateID()

    private static func commit(_ count: Int = 3) -> Commit {
        Commit(
            (0 ..< count).map {
                NewEvent(aggregateID: stream, type: "Happened", payload: Data("\($0)".utf8))
            }, to: stream)
    }

    /// A user of a new name with some rights, and a store that signs in as that user.
    private static func user(
        _ rights: [String], of server: RedisServer, _ store: RedisStoreConfiguration
    ) throws -> RedisStoreConfiguration {
        let name = UUID().uuidString
        try server.call(["ACL", "SETUSER", name, "on", ">secret", "~{\(store.name)}:*", "+@all"] + rights)
        var configuration = store
        configuration.credentials = RedisCredentials(user: name, password: "secret")
        return configuration
    }

    @Test(arguments: [
        ["-rpush"], ["-hset"], ["-xadd"], ["-rpush", "-hset"],
        // Keys that the rights leave out: the lists of the streams, and those of the graphs.
        ["resetkeys", "~*:log", "~*:head", "~*:ids", "~*:about", "~*:g:*"],
        ["resetkeys", "~*:log", "~*:head", "~*:ids", "~*:about", "~*:s:*"],
        ["resetkeys", "~*:log", "~*:ids", "~*:about", "~*:s:*", "~*:g:*", "%R~*:head"],
        ["resetkeys", "~*:log", "~*:head", "~*:about", "~*:s:*", "~*:g:*", "%R~*:ids"],
    ])
    func aUserWithoutAllRightsWritesNothingAndTheOthersGoOn(_ rights: [String]) async throws {
        let server = try await SharedRedis.server()
        let configuration = server.configuration()
        let limited = try await RedisEventStore.open(try Self.user(rights, of: server, configuration))
        let store = try await RedisEventStore.open(configuration)
        for round in 0 ..< 2 as Range<UInt64> {
            let error = await #expect(throws: StoreError.self) { try await limited.append(Self.commit()) }
            #expect(error?.code == .unavailable)
            #expect(
                error?.message.lowercased().contains("nothing was written") == true, "\(error?.message ?? "")"
            )
            #expect(error?.message.contains("docs/redis.md") == true)
            let length = try server.call("XLEN", StoreKeys(name: configuration.name).log)
            #expect(length == .integer(Int64(3 * round)))
            #expect(try await store.append(Self.commit()).firstPosition == Position(3 * round + 1))
        }
        limited.close()
        store.close()
    }

    @Test func aServerThatLacksACommandGetsNothingWritten() async throws {
        let server = try await RedisServer.started(RedisServer.durable + ["--rename-command", "RPUSH", ""])
        let configuration = server.configuration()
        let store = try await RedisEventStore.open(configuration)
        for _ in 0 ..< 2 {
            let error = await #expect(throws: StoreError.self) { try await store.append(Self.commit()) }
            #expect(error?.message.contains("run RPUSH") == true, "\(error?.message ?? "")")
            #expect(error?.message.contains("nothing was written") == true)
        }
        #expect(try server.call("XLEN", StoreKeys(name: configuration.name).log) == .integer(0))
        store.close()
        try await server.process.stop()
    }

    @Test(arguments: ["-rpush", "-hset"])
    func rightsThatAreTakenAwayInTheMiddleStopACommitAndTheNextOneCompletesIt(_ right: String) async throws {
        let server = try await SharedRedis.server()
        let configuration = server.configuration()
        let limitedConfiguration = try Self.user([], of: server, configuration)
        let limited = try await RedisEventStore.open(limitedConfiguration)
        let store = try await RedisEventStore.open(configuration)
        _ = try await limited.append(Self.commit())
        let user = try #require(limitedConfiguration.credentials?.user)
        try server.call("ACL", "SETUSER", user, right)
        let stopped = Self.commit()
        for commit in [stopped, stopped, .one] {
            let error = await #expect(throws: StoreError.self) { try await limited.append(commit) }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("append again with the same event ids") == true)
        }
        // The log has it, and nobody sees it.
        #expect(try server.call("XLEN", StoreKeys(name: configuration.name).log) == .integer(6))
        #expect(try await store.lastPosition() == 3)
        for query in [EventQuery(), EventQuery(.aggregate(Self.stream)), EventQuery(.graph(Self.stream))] {
            for direction in [EventQuery.Direction.forwards, .backwards] {
                var query = query
                query.direction = direction
                #expect(try await store.read(query).events.count == 3)
            }
        }
        let status = try await store.status(of: Self.stream)
        #expect(status?.version == 3 && status?.graphPosition == 3)
        // Whoever may appends, which completes it first.
        let expecting = Commit(
            [NewEvent(aggregateID: Self.stream, type: "Happened", payload: Data())], to: Self.stream,
            expecting: .exact(6))
        #expect(try await store.append(expecting).firstPosition == 7)
        try server.call("ACL", "SETUSER", user, "+@all")
        let receipt = try await limited.append(stopped)
        #expect(receipt.wasStoredBefore && receipt.firstPosition == 4)
        let own = try await store.read(EventQuery(.aggregate(Self.stream))).events
        #expect(own.map(\.version.rawValue) == [1, 2, 3, 4, 5, 6, 7])
        limited.close()
        store.close()
    }

    @Test func whatIsNoCommitBehindTheHeadIsLeftOutAndRemovedByADocumentedCommand() async throws {
        let server = try await SharedRedis.server()
        let configuration = server.configuration()
        let log = StoreKeys(name: configuration.name).log
        let store = try await RedisEventStore.open(configuration)
        _ = try await store.append(Self.commit())
        try server.call("XADD", log, "4-0", "v", "4", "t", "1", "b", "nothing of Recall's")
        #expect(try await store.read(EventQuery()).events.count == 3)
        let error = await #expect(throws: StoreError.self) { try await store.append(Self.commit()) }
        #expect(error?.code == .damaged)
        #expect(error?.message.contains("position 3") == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("docs/redis.md") == true)
        #expect(try server.call("XLEN", log) == .integer(4))
        try server.call("XDEL", log, "4-0")
        try server.call("XSETID", log, "3-0")
        #expect(try await store.append(Self.commit()).firstPosition == 4)
        store.close()
    }

    /// The last event was missing (a restore of a key, an operator's XDEL). Readers took the log's length for the end, and
    /// whoever waited was told at once that there was more: a loop without an end, in silence.
    @Test func aMissingLastEntryIsDamageAndNoReaderGoesRound() async throws {
        let server = try await SharedRedis.server()
        let configuration = server.configuration()
        let store = try await RedisEventStore.open(configuration)
        _ = try await store.append(Self.commit())
        try server.call("XDEL", StoreKeys(name: configuration.name).log, "3-0")
        for direction in [EventQuery.Direction.forwards, .backwards] {
            let error = await #expect(throws: StoreError.self) {
                try await store.read(EventQuery(direction: direction))
            }
            #expect(error?.code == .damaged)
            #expect(error?.damagedPositions == 3 ... 3)
        }
        let subscription = Task { () -> StoreError? in
            do throws(StoreError) {
                for try await _ in store.subscribe() {}
                return nil
            } catch {
                return error
            }
        }
        #expect(await subscription.value?.code == .damaged)
        let appending = await #expect(throws: StoreError.self) { try await store.append(Self.commit()) }
        #expect(appending?.code == .damaged)
        store.close()
    }
}
