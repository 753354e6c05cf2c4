// A cluster that loses masters and moves slots while events are appended.

import Foundation
import Recall
import RecallServerTestSupport
import RecallTestKit
import Testing

@testable import RecallRedis

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

@Suite(.serialized, .needsRedis) struct RedisClusterTests {
    @Test func nothingAcknowledgedByAReplicaIsLostWhenMastersAreKilledOrCutOffUnderLoad() async throws {
        let cluster = try await RedisCluster.started()
        var configuration = cluster.configuration("planet")
        configuration.replicaAcknowledgementCount = 1
        configuration.replicaTimeout = .milliseconds(500)
        configuration.commandTimeout = .seconds(1)
        let store = try await RedisShardedEventStore.open(configuration, shardCount: 6)
        let ledgers = store.shards.map { _ in Ledger() }
        let slots = store.shards.indices.map { ClusterSlot.number(of: "planet:\($0)") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (shard, ledger) in zip(store.shards, ledgers) {
                for _ in 0 ..< 4 {
                    // A writer's aggregate lies in the shard that it counts for.
                    var stream = AggregateID()
                    while store.shard(ofGraph: stream) !== shard { stream = AggregateID() }
                    group.addTask { [stream] in try await ledger.write(to: stream, in: store) }
                }
            }
            for round in 0 ..< 3 {
                let slot = slots[round]
                let count = ledgers[round].acknowledgedCount
                try await Eventually.holds("appends before", within: .seconds(60)) {
                    ledgers[round].acknowledgedCount >= count + 40
                }
                let master = try await cluster.master(of: slot)
                if round == 1 {
                    // It is cut off and comes back as the master that it thinks it is, with what was sent to it
                    // meanwhile. Nothing of that may have been acknowledged.
                    try await master.process.suspend()
                    let next = try await cluster.master(of: slot, paused: master)
                    #expect(next.address != master.address)
                    master.process.signal(SIGCONT)
                } else {
                    try await master.process.kill()
                    let next = try await cluster.master(of: slot)
                    #expect(next.address != master.address)
                    // It comes back as the replica of the one that has taken its place.
                    try await master.process.start()
                }
                try await cluster.waitForLink(of: master)
                let after = ledgers[round].acknowledgedCount
                try await Eventually.holds("appends after a failover", within: .seconds(60)) {
                    ledgers[round].acknowledgedCount >= after + 10
                }
            }
            for ledger in ledgers { ledger.end() }
            try await group.waitForAll()
        }
        for (shard, ledger) in zip(store.shards, ledgers) { try await ledger.check(shard) }
        store.close()
        try await cluster.stop()
    }

    @Test func appendsGoOnWhileTheirSlotMovesToAnotherMaster() async throws {
        let cluster = try await RedisCluster.started()
        let store = try await RedisEventStore.open(cluster.configuration("moving"))
        let slot = ClusterSlot.number(of: "moving")
        let ledger = Ledger()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0 ..< 4 { group.addTask { try await ledger.write(to: AggregateID(), in: store) } }
            for _ in 0 ..< 3 {
                let count = ledger.acknowledgedCount
                try await Eventually.holds("appends") { ledger.acknowledgedCount >= count + 50 }
                let source = try await cluster.master(of: slot)
                let target = try #require(
                    try cluster.nodes.first {
                        try $0.address != source.address && $0.call("ROLE").elements?.first?.text == "master"
                    })
                try await cluster.move(slot, from: source, to: target)
            }
            let count = ledger.acknowledgedCount
            try await Eventually.holds("appends at the last place") { ledger.acknowledgedCount >= count + 50 }
            ledger.end()
            try await group.waitForAll()
        }
        try await ledger.check(store)
        store.close()
        try await cluster.stop()
    }

    @Test func aClusterAndAServerAreToldApart() async throws {
        let cluster = try await RedisCluster.started()
        var configuration = cluster.nodes[0].configuration()
        configuration.retryDuration = .zero
        let asSingle = await #expect(throws: StoreError.self) {
            try await RedisEventStore.open(configuration)
        }
        #expect(asSingle?.message.contains("is a node of a cluster") == true)
        configuration.deployment = .cluster([try await SharedRedis.server().address])
        let asCluster = await #expect(throws: StoreError.self) {
            try await RedisEventStore.open(configuration)
        }
        #expect(asCluster?.message.contains("is no node of a cluster") == true)
        try await cluster.stop()
    }
}
