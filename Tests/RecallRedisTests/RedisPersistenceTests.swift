// The story: an operator switched a server's append-only file on (`CONFIG SET appendonly yes`). From then on it said `appendonly yes` and
// `appendfsync always`, and commits were acknowledged; but until its first rewrite has ended, a server that crashes has nothing of what it
// acknowledged. So the store looks at what a server is doing, on each new connection and behind each append, and not at its settings only.
//
// A rewrite is made slow by a delay for each key, and ended by beginning it again without.

import Foundation
import Recall
import RecallServerTestSupport
import Testing

@testable import RecallRedis

@Suite(.serialized) struct RedisPersistenceTests {
    private static let slowly = ["--rdb-key-save-delay", "60000000"]

    private static func switchOn(_ server: RedisServer, delay: String) async throws {
        try server.call("CONFIG", "SET", "rdb-key-save-delay", delay)
        try server.call("CONFIG", "SET", "appendonly", "no")
        try server.call("CONFIG", "SET", "appendonly", "yes")
        if delay != "0" { return }
        try await Eventually.holds("the end of the rewrite") { try !isRewriting(server) }
    }

    private static func isRewriting(_ server: RedisServer) throws -> Bool {
        try server.call("INFO", "persistence").text?.contains("aof_rewrite_in_progress:1") == true
    }

    @Test func aServerWhoseFileIsBeingSwitchedOnIsWaitedForAndThenRefused() async throws {
        let server = try await RedisServer.started(["--appendonly", "no", "--appendfsync", "always"])
        try server.call("SET", "something", "else")
        try await Self.switchOn(server, delay: "60000000")
        var configuration = server.configuration()
        configuration.retryDuration = .milliseconds(100)
        let error = await #expect(throws: StoreError.self) { try await RedisEventStore.open(configuration) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("rewriting its append-only file") == true, "\(error?.message ?? "")")
        #expect(try Self.isRewriting(server))
        // One that waits for long enough gets it.
        configuration.retryDuration = .seconds(60)
        let opening = Task { [configuration] in try await RedisEventStore.open(configuration) }
        try await Self.switchOn(server, delay: "0")
        let store = try await opening.value
        #expect(try await store.append(.one).firstPosition == 1)
        store.close()
        try await server.process.kill()
    }

    @Test func commitsToAServerWhoseFileIsSwitchedOffAndOnAreNotAcknowledged() async throws {
        let server = try await RedisServer.started()
        var configuration = server.configuration()
        configuration.retryDuration = .milliseconds(200)
        let store = try await RedisEventStore.open(configuration)
        _ = try await store.append(.one)
        try await Self.switchOn(server, delay: "60000000")
        let commit = Commit.one
        let error = await #expect(throws: StoreError.self) { try await store.append(commit) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("rewriting its append-only file") == true, "\(error?.message ?? "")")
        #expect(try Self.isRewriting(server))
        try await Self.switchOn(server, delay: "0")
        _ = try await store.append(commit)
        #expect(try await store.append(.one).firstPosition == 3)
        store.close()
        try await server.process.kill()
    }

    @Test(arguments: [true, false])
    func anOrdinaryRewriteHoldsUpNobody(isUntouched: Bool) async throws {
        let server = try await RedisServer.started(RedisServer.durable + Self.slowly)
        // Settings that were set once, as an operator may: what counts is that none has been set since.
        if !isUntouched { try server.call("CONFIG", "SET", "timeout", "0") }
        let store = try await RedisEventStore.open(server.configuration())
        _ = try await store.append(.one)
        try server.call("BGREWRITEAOF")
        #expect(try Self.isRewriting(server))
        for position in 2 ... 20 as ClosedRange<UInt64> {
            #expect(try await store.append(.one).firstPosition == Position(position))
        }
        if isUntouched {
            let other = try await RedisEventStore.open(server.configuration())
            #expect(try await other.append(.one).firstPosition == 1)
            other.close()
        }
        #expect(try Self.isRewriting(server))
        store.close()
        try await server.process.kill()
    }

    @Test func aSettingThatIsSetMeanwhileIsNoticed() async throws {
        let server = try await RedisServer.started()
        let store = try await RedisEventStore.open(server.configuration())
        _ = try await store.append(.one)
        try server.call("CONFIG", "SET", "appendfsync", "everysec")
        let error = try await Eventually.value(of: "a refusal") { () -> StoreError? in
            do throws(StoreError) {
                _ = try await store.append(.one)
                return nil
            } catch {
                return error
            }
        }
        #expect(error.code == .unsupported)
        #expect(error.message.contains("the setting appendfsync"))
        #expect(error.message.contains("Nothing was written"))
        store.close()
        try await server.process.kill()
    }
}
