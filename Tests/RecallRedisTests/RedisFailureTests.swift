// Servers that die and networks that lose: what was acknowledged stays, once, and an error says what is known.

import Foundation
import Recall
import RecallServerTestSupport
import Synchronization
import Testing

@testable import RecallRedis

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

@Suite(.serialized, .needsRedis) struct RedisFailureTests {
    private static func event(_ stream: AggregateID, _ payload: String = "{}") -> NewEvent {
        NewEvent(aggregateID: stream, type: "Happened", payload: Data(payload.utf8))
    }

    @Test func nothingAcknowledgedIsLostWhenTheServerIsKilledAndStartedAgain() async throws {
        let server = try await RedisServer.started()
        let store = try await RedisEventStore.open(server.configuration())
        let ledger = Ledger()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0 ..< 16 {
                group.addTask { try await ledger.write(to: AggregateID(), in: store) }
            }
            for _ in 0 ..< 4 {
                let count = ledger.acknowledgedCount
                try await Eventually.holds("appends") { ledger.acknowledgedCount >= count + 200 }
                try await server.process.restart()
            }
            let count = ledger.acknowledgedCount
            try await Eventually.holds("appends after the last start") { ledger.acknowledgedCount > count }
            ledger.end()
            try await group.waitForAll()
        }
        try await ledger.check(store)
        store.close()
        try await server.process.stop()
    }

    @Test func answersAndRequestsThatAreLostAreMadeGoodByTheStore() async throws {
        let server = try await SharedRedis.server()
        let proxy = try LossyProxy(to: server.process.port)
        defer { proxy.stop() }
        let configuration = server.configuration(through: proxy)
        let store = try await RedisEventStore.open(configuration)
        let stream = AggregateID()
        for round in 0 ..< 20 as Range<UInt64> {
            proxy.add(round % 2 == 0 ? [.losesAnswer] : [.losesRequest, .losesAnswer])
            let receipt = try await store.append(
                Commit([Self.event(stream)], to: stream, expecting: .exact(Version(round))))
            #expect(receipt.firstPosition == Position(round + 1))
            #expect(receipt.wasStoredBefore)
        }
        #expect(proxy.faultsLeft == 0)
        #expect(try await store.lastPosition() == 20)
        store.close()
    }

    @Test func anErrorSaysThatTheFateIsUnknownWhereItIs() async throws {
        let server = try await SharedRedis.server()
        let proxy = try LossyProxy(to: server.process.port)
        defer { proxy.stop() }
        var configuration = server.configuration(through: proxy)
        configuration.retryDuration = .zero
        let store = try await RedisEventStore.open(configuration)
        let commit = Commit(events: [Self.event(AggregateID())])
        proxy.add([.losesAnswer])
        let error = await #expect(throws: StoreError.self) { try await store.append(commit) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("is not known: append it again with the same event ids") == true)
        #expect(try await store.append(commit).wasStoredBefore)
        store.close()
    }

    @Test func aServerThatHangsIsAnErrorInTimeAndTheCommitIsStoredOnce() async throws {
        let server = try await RedisServer.started()
        var configuration = server.configuration()
        configuration.commandTimeout = .milliseconds(100)
        configuration.connectTimeout = .milliseconds(100)
        configuration.retryDuration = .milliseconds(300)
        let store = try await RedisEventStore.open(configuration)
        _ = try await store.append(.one)
        let commit = Commit.one
        try await server.process.suspend()
        let error = await #expect(throws: StoreError.self) { try await store.append(commit) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("is not known: append it again") == true)
        server.process.signal(SIGCONT)
        // What was sent while it hung may have been carried out since; it is stored once in any case.
        let receipt = try await Eventually.value(of: "a server that answers") {
            try? await store.append(commit)
        }
        #expect(receipt.firstPosition == 2)
        #expect(try await store.append(.one).firstPosition == 3)
        store.close()
        try await server.process.stop()
    }

    @Test func aServerThatIsNotThereIsAnErrorThatSaysNothingWasWritten() async throws {
        let server = try await RedisServer.started()
        var configuration = server.configuration()
        configuration.retryDuration = .milliseconds(100)
        let store = try await RedisEventStore.open(configuration)
        try await server.process.kill()
        // Idle connections of the killed server are found out first: such an attempt may have been carried out.
        _ = await #expect(throws: StoreError.self) { try await store.lastPosition() }
        let error = await #expect(throws: StoreError.self) {
            try await store.append(Commit(events: [Self.event(AggregateID())]))
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("Nothing was written") == true)
        #expect(error?.message.contains("\(server.address)") == true)
        store.close()
    }

    @Test func aHundredCallersMakeProgressBesideASlowConnection() async throws {
        let server = try await SharedRedis.server()
        let proxy = try LossyProxy(to: server.process.port)
        defer { proxy.stop() }
        var configuration = server.configuration(through: proxy)
        configuration.commandTimeout = .seconds(120)
        let store = try await RedisEventStore.open(configuration)
        proxy.add([.stalls])
        let slow = Task { try await store.append(.one) }
        try await Eventually.holds("the slow answer") { proxy.stalledCount == 1 }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0 ..< 100 {
                group.addTask {
                    let stream = AggregateID()
                    for version in 0 ..< 5 as Range<UInt64> {
                        _ = try await store.append(
                            Commit([Self.event(stream)], to: stream, expecting: .exact(Version(version))))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(proxy.stalledCount == 1, "the slow answer waits still")
        proxy.release()
        #expect(try await slow.value.wasStoredBefore == false)
        #expect(try await store.lastPosition() == 501)
        store.close()
    }

    @Test func waitingGoesOnOverARestartOfTheServer() async throws {
        let server = try await RedisServer.started()
        let store = try await RedisEventStore.open(server.configuration("shared"))
        let other = try await RedisEventStore.open(server.configuration("shared"))
        let waiting = Task { try await store.waitForEvent(after: 0) }
        try await server.process.restart()
        _ = try await other.append(Commit(events: [Self.event(AggregateID())]))
        try await waiting.value
        #expect(try await store.lastPosition() == 1)
        other.close()
        store.close()
        try await server.process.stop()
    }

    @Test func waitingEndsWithAnErrorWhereTheServerStaysAway() async throws {
        let server = try await RedisServer.started()
        var configuration = server.configuration()
        configuration.retryDuration = .milliseconds(100)
        let store = try await RedisEventStore.open(configuration)
        let waiting = Task { try await store.waitForEvent(after: 0) }
        try await server.process.kill()
        let error = await #expect(throws: StoreError.self) { try await waiting.value }
        #expect(error?.code == .unavailable)
        store.close()
    }

    @Test func closingEndsWaitsAndRefusesCalls() async throws {
        let server = try await SharedRedis.server()
        let store = try await RedisEventStore.open(server.configuration())
        let waiting = (0 ..< 10).map { _ in Task { try await store.waitForEvent(after: 0) } }
        for _ in 0 ..< 100 { await Task.yield() }
        store.close()
        store.close()
        for task in waiting {
            let error = await #expect(throws: StoreError.self) { try await task.value }
            #expect(error?.code == .closed)
        }
        let error = await #expect(throws: StoreError.self) { try await store.read(EventQuery()) }
        #expect(error?.code == .closed)
    }
}
