// Several stores beside each other: what they do as one, and what they refuse.

import Foundation
import Recall
import RecallTestKit
import Testing

@testable import RecallRedis

@Suite(.needsRedis) struct RedisShardedStoreTests {
    private func event(_ aggregate: AggregateID, root: AggregateID? = nil) -> NewEvent {
        NewEvent(aggregateID: aggregate, rootID: root, type: "Happened", payload: Data("{}".utf8))
    }

    @Test func graphsLieWholeInOneShardAndAreFoundAgain() async throws {
        let configuration = try await SharedRedis.server().configuration()
        let roots = (0 ..< 40).map { _ in AggregateID() }
        let children = roots.map { _ in AggregateID() }
        var store = try await RedisShardedEventStore.open(configuration, shardCount: 5)
        for (root, child) in zip(roots, children) {
            let receipt = try await store.append(
                Commit(
                    events: [event(root), event(child, root: root)],
                    expectedVersions: [root: .noStream, child: .noStream], expectedGraphPositions: [root: 0]))
            #expect(receipt.version(of: child) == 1)
        }
        store.close()
        store = try await RedisShardedEventStore.open(configuration, shardCount: 5)
        for (root, child) in zip(roots, children) {
            let graph = try await store.read(EventQuery(.graph(root)))
            #expect(graph.events.map(\.aggregateID) == [root, child])
            #expect(try await store.read(EventQuery(.aggregate(child))).events.map(\.version) == [1])
            #expect(try await store.status(of: child)?.version == 1)
            #expect(try await store.status(of: root)?.graphPosition == graph.events.last?.position)
        }
        #expect(try await store.status(of: AggregateID()) == nil)
        // All shards have a part, and together they have everything.
        var total: UInt64 = 0
        for shard in store.shards {
            let last = try await shard.lastPosition()
            #expect(last > 0)
            total += last.rawValue
        }
        #expect(total == 80)
        store.close()
    }

    /// Redis has no script over two slots: a unit of work whose aggregates lie in two shards is refused whole, and one within a shard is stored.
    @Test func unitsOfWorkStayInOneShard() async throws {
        let configuration = try await SharedRedis.server().configuration()
        let store = try await RedisShardedEventStore.open(configuration, shardCount: 3)
        let accounts = Repository<BankAccount>(eventStore: store)
        let (payer, beside, away) = (AggregateID(), AggregateID(), AggregateID())
        let home = store.shard(ofGraph: payer)
        func other(_ id: AggregateID, isAtHome: Bool) -> AggregateID {
            var id = id
            while (store.shard(ofGraph: id) === home) != isAtHome { id = AggregateID() }
            return id
        }
        let (near, far) = (other(beside, isAtHome: true), other(away, isAtHome: false))
        for id in [payer, near, far] { try await accounts.create(id) { $0.stage(.opened(cents: 100)) } }
        func transfer(to payee: AggregateID) async throws {
            try await UnitOfWork.commit { unit in
                try await accounts.update(payer, in: unit) { try $0.withdraw(10) }
                try await accounts.update(payee, in: unit) { $0.deposit(10) }
            }
        }
        try await transfer(to: near)
        let error = await #expect(throws: RepositoryError.self) { try await transfer(to: far) }
        #expect(error?.code == .store && error?.storeError?.code == .unsupported)
        #expect(error?.message.contains("different shards") == true)
        var cents: [Int] = []
        for id in [payer, near, far] { cents.append(try await accounts.load(id).cents) }
        #expect(cents == [90, 110, 100])
        store.close()
    }

    @Test func whatNeedsOneOrderIsRefusedAndWritesNothing() async throws {
        let configuration = try await SharedRedis.server().configuration()
        let store = try await RedisShardedEventStore.open(configuration, shardCount: 3)
        let root = AggregateID()
        var other = AggregateID()
        while store.shard(ofGraph: other) === store.shard(ofGraph: root) { other = AggregateID() }
        let commits = [
            Commit(events: [event(root), event(other)]),
            Commit(events: [event(root)], expectedGraphPositions: [other: 0]),
            Commit(events: [event(root)], expectedVersions: [AggregateID(): .noStream]),
        ]
        for commit in commits {
            let error = await #expect(throws: StoreError.self) { try await store.append(commit) }
            #expect(error?.code == .unsupported)
            #expect(error?.message.contains("nothing was written") == true)
        }
        for shard in store.shards { #expect(try await shard.lastPosition() == 0) }
        let calls: [@Sendable () async throws -> Void] = [
            { _ = try await store.read(EventQuery()) }, { _ = try await store.lastPosition() },
            { try await store.waitForEvent(after: 0) },
        ]
        for call in calls {
            let error = await #expect(throws: StoreError.self) { try await call() }
            #expect(error?.code == .unsupported)
            #expect(error?.message.contains("shards[i]") == true)
        }
        store.close()
    }

    @Test func anotherNumberOfShardsIsRefused() async throws {
        let configuration = try await SharedRedis.server().configuration()
        try await RedisShardedEventStore.open(configuration, shardCount: 3).close()
        for count in [1, 2, 4] {
            let error = await #expect(throws: StoreError.self) {
                try await RedisShardedEventStore.open(configuration, shardCount: count)
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.contains("0/3") == true)
        }
    }

    @Test func anEntityUnderTwoRootsIsNoticed() async throws {
        let configuration = try await SharedRedis.server().configuration()
        let store = try await RedisShardedEventStore.open(configuration, shardCount: 3)
        let child = AggregateID()
        let roots = store.shards.map { shard in
            var root = AggregateID()
            while store.shard(ofGraph: root) !== shard { root = AggregateID() }
            return root
        }
        let away = roots.filter { store.shard(ofGraph: $0) !== store.shard(ofGraph: child) }
        for root in away.prefix(2) { _ = try await store.append(Commit(events: [event(child, root: root)])) }
        let error = await #expect(throws: StoreError.self) { try await store.status(of: child) }
        #expect(error?.code == .damaged)
        store.close()
    }
}
