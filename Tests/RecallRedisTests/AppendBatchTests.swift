// Commits that are sent together: each has its own outcome, whatever becomes of its neighbours and of the connection.

import Foundation
import Recall
import RecallServerTestSupport
import RecallThreads
import Synchronization
import Testing

@testable import RecallRedis

@Suite(.serialized, .needsRedis) struct AppendBatchTests {
    private typealias Outcome = Result<CommitReceipt, StoreError>

    /// Sends commits as one batch.
    /// - Returns: their outcomes; a commit with none or two fails the test.
    private func outcomes(
        of commits: [Commit], _ configuration: RedisStoreConfiguration
    ) async throws -> [Outcome] {
        let client = try RedisClient(configuration)
        let given = Mutex([[Outcome]](repeating: [], count: commits.count))
        let pending = commits.enumerated().map { index, commit in
            PendingAppend(
                request: AppendRequest(
                    commit, keys: StoreKeys(name: configuration.name), now: configuration.clock.now(),
                    mustWrite: configuration.replicaAcknowledgementCount > 0),
                number: UInt64(index), time: CallTime(configuration, isAppend: true)
            ) { outcome in given.withLock { $0[index].append(outcome) } }
        }
        // It blocks, which threads of Swift's must not.
        let threads = try BlockingPool(threadCount: 1)
        await threads.run {
            var batch = AppendBatch(pending, of: client)
            batch.run()
        }
        _ = client.close()
        let all = given.withLock { $0 }
        #expect(all.allSatisfy { $0.count == 1 }, "each commit has one outcome")
        return all.compactMap(\.first)
    }

    private static func event(_ stream: AggregateID = AggregateID(), _ payload: String = "{}") -> NewEvent {
        NewEvent(aggregateID: stream, type: "Happened", payload: Data(payload.utf8))
    }

    @Test func refusedCommitsHoldUpNoneOfTheOthers() async throws {
        let server = try await SharedRedis.server()
        let stream = AggregateID()
        let first = Commit([Self.event(stream)], to: stream, expecting: .noStream)
        var reused = Self.event(AggregateID(), "other")
        reused.id = first.events[0].id
        let results = try await outcomes(
            of: [
                first,
                Commit([Self.event(stream)], to: stream, expecting: .noStream),
                Commit(events: [reused]),
                first,
                Commit([Self.event(stream), Self.event(stream)], to: stream, expecting: .exact(1)),
            ], server.configuration())
        #expect(try results[0].get().firstPosition == 1)
        #expect(#expect(throws: StoreError.self) { try results[1].get() }?.code == .conflict)
        #expect(#expect(throws: StoreError.self) { try results[2].get() }?.code == .eventIDReused)
        #expect(try results[3].get().wasStoredBefore)
        #expect(try results[4].get().lastPosition == 3)
        #expect(try results[4].get().version(of: stream) == 3)
    }

    @Test func aServerThatDoesNotKnowTheScriptIsToldItOnce() async throws {
        let server = try await RedisServer.started()
        let results = try await outcomes(of: (0 ..< 5).map { _ in .one }, server.configuration())
        #expect(try results.map { try $0.get().firstPosition.rawValue } == [1, 2, 3, 4, 5])
        let statistics = try server.call("INFO", "commandstats").text ?? ""
        #expect(statistics.contains("cmdstat_eval:calls=1,"))
        #expect(statistics.contains("cmdstat_evalsha:calls=9,"), "all by name, and then all but the first")
        try await server.process.stop()
    }

    @Test(arguments: [(0, 0), (1, 0), (40, 1), (60, 1), (80, 2), (100, 2)])
    func answersThatWereReadBeforeTheConnectionWasLostCount(_ byteCount: Int, _ answerCount: Int) async throws
    {
        let server = try await SharedRedis.server()
        let proxy = try LossyProxy(to: server.process.port)
        defer { proxy.stop() }
        var configuration = server.configuration(through: proxy)
        // Else an answer counts with the one behind it, which says what the server does about its file.
        configuration.isServerChecked = false
        proxy.add([.cutsAnswer(after: byteCount)])
        let receipts = try await outcomes(of: (0 ..< 5).map { _ in .one }, configuration).map { try $0.get() }
        #expect(receipts.map(\.firstPosition.rawValue) == [1, 2, 3, 4, 5])
        // The others were sent again, and were there.
        #expect(receipts.map(\.wasStoredBefore) == (0 ..< 5).map { $0 >= answerCount })
        #expect(proxy.faultsLeft == 0)
    }

    @Test func aCommitWithoutAnAnswerIsSaidToBeOpenAndOneWithAnAnswerIsNot() async throws {
        let server = try await SharedRedis.server()
        let proxy = try LossyProxy(to: server.process.port)
        defer { proxy.stop() }
        var configuration = server.configuration(through: proxy)
        configuration.retryDuration = .zero
        configuration.isServerChecked = false
        proxy.add([.cutsAnswer(after: 60)])
        let results = try await outcomes(of: [.one, .one, .one], configuration)
        #expect(try results[0].get().firstPosition == 1)
        for result in results[1...] {
            let error = #expect(throws: StoreError.self) { try result.get() }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("is not known: append it again with the same event ids") == true)
        }
    }

    @Test func theReplicasAreWaitedForOnceAndOnlyForWhatWasStored() async throws {
        let server = try await RedisServer.started()
        var configuration = server.configuration()
        configuration.replicaAcknowledgementCount = 1
        configuration.replicaTimeout = .milliseconds(50)
        let stream = AggregateID()
        let commits = [
            Commit.one, Commit([Self.event(stream)], to: stream, expecting: .streamExists), .one,
        ]
        for round in 1 ... 2 {
            let results = try await outcomes(of: commits, configuration)
            for index in [0, 2] {
                let error = #expect(throws: StoreError.self) { try results[index].get() }
                #expect(error?.message.contains("only 0 of 1 replicas") == true)
            }
            let error = #expect(throws: StoreError.self) { try results[1].get() }
            #expect(error?.code == .conflict)
            let statistics = try server.call("INFO", "commandstats").text ?? ""
            // The connection's proof that it may wait is the other one.
            #expect(statistics.contains("cmdstat_wait:calls=\(2 * round),"))
        }
        let replica = try await RedisServer.started(
            RedisServer.durable + ["--replicaof", "127.0.0.1", "\(server.process.port)"])
        configuration.replicaTimeout = .seconds(30)
        let results = try await outcomes(of: commits, configuration)
        #expect(try results[0].get().wasStoredBefore)
        #expect(try results[2].get().firstPosition == 2)
        // What was acknowledged is there, without waiting.
        #expect(try replica.call("XLEN", StoreKeys(name: configuration.name).log) == .integer(2))
        // One that is asked to end while it writes its first file does not.
        try await replica.process.kill()
        try await server.process.stop()
    }

    @Test func aBatchBreaksOffWithTheConnectionBeforeTheReplicasHaveIt() async throws {
        // What was stored and answered is no success yet where replicas are asked for: the connection that could be asked for
        // them is gone, so all is sent again.
        let server = try await RedisServer.started()
        let replica = try await RedisServer.started(
            RedisServer.durable + ["--replicaof", "127.0.0.1", "\(server.process.port)"])
        let proxy = try LossyProxy(to: server.process.port)
        defer { proxy.stop() }
        try server.call("SCRIPT", "LOAD", RedisScript.append.source)
        var configuration = server.configuration(through: proxy)
        configuration.replicaAcknowledgementCount = 1
        configuration.replicaTimeout = .seconds(30)
        proxy.add([.cutsAnswer(after: 60)])
        let receipts = try await outcomes(of: [.one, .one, .one], configuration).map { try $0.get() }
        #expect(receipts.map(\.firstPosition.rawValue) == [1, 2, 3])
        #expect(receipts.map(\.wasStoredBefore) == [true, true, true])
        try await replica.process.kill()
        try await server.process.stop()
    }

    @Test(arguments: [
        ([10, 20, 30], 3), ([AppendQueue.batchBytesMax + 1, 1], 1), ([1, AppendQueue.batchBytesMax], 1),
        ([1, AppendQueue.batchBytesMax - 1, 1], 2), ([], 0),
        ([Int](repeating: 1, count: AppendQueue.batchCountMax + 1), AppendQueue.batchCountMax),
    ])
    func aBatchHasBounds(_ byteCounts: [Int], _ count: Int) {
        #expect(AppendQueue.batchCount(of: byteCounts) == count)
    }

    @Test func whatWaitsForABusyConnectionIsSentTogether() async throws {
        let server = try await RedisServer.started()
        let proxy = try LossyProxy(to: server.process.port)
        defer { proxy.stop() }
        try server.call("SCRIPT", "LOAD", RedisScript.append.source)
        var configuration = server.configuration(through: proxy)
        configuration.connectionCountMax = 1
        configuration.commandTimeout = .seconds(120)
        let store = try await RedisEventStore.open(configuration)
        proxy.add([.stalls])
        let slow = Task { try await store.append(.one) }
        try await Eventually.holds("the slow answer") { proxy.stalledCount == 1 }
        let count = AppendQueue.batchCountMax
        let others = (0 ..< count).map { _ in Task { try await store.append(.one) } }
        try await Eventually.holds("those that wait") { store.appends.waitingCount == count }
        let requestCount = proxy.scriptRequestCount
        proxy.release()
        var positions: Set<Position> = [try await slow.value.firstPosition]
        for other in others { positions.insert(try await other.value.firstPosition) }
        #expect(positions == Set((1 ... UInt64(count + 1)).map { Position($0) }))
        #expect(proxy.scriptRequestCount == requestCount + 1)
        store.close()
        try await server.process.stop()
    }
}
