// A Redis Cluster on loopback: three masters and a replica of each.

import Foundation
import Recall
import RecallServerTestSupport

@testable import RecallRedis

/// Six servers that form a cluster.
struct RedisCluster: Sendable {
    let nodes: [RedisServer]

    static let masterCount = 3
    /// Where a node hears the others, seen from its port.
    private static let busDistance: UInt16 = 10_000

    static func started() async throws -> RedisCluster {
        var nodes: [RedisServer] = []
        for _ in 0 ..< 2 * masterCount {
            nodes.append(
                try RedisServer(
                    RedisServer.durable + [
                        "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf",
                        "--cluster-node-timeout", "1500", "--repl-diskless-sync-delay", "0",
                    ], port: try LoopbackPort.free(withAnotherAt: busDistance)))
        }
        let cluster = RedisCluster(nodes: nodes)
        for node in nodes { try await node.process.start() }
        try await cluster.join()
        return cluster
    }

    private func join() async throws {
        let slots = Int(ClusterSlot.count)
        for (index, node) in nodes.enumerated() {
            try node.call("CLUSTER", "SET-CONFIG-EPOCH", "\(index + 1)")
            if index < Self.masterCount {
                let (first, next) = (slots * index / Self.masterCount, slots * (index + 1) / Self.masterCount)
                try node.call(["CLUSTER", "ADDSLOTS"] + (first ..< next).map(String.init))
            }
            if index > 0 {
                try nodes[0].call("CLUSTER", "MEET", "127.0.0.1", "\(node.process.port)")
            }
        }
        try await holds("that all nodes know each other") { $0.contains("cluster_known_nodes:6") }
        for index in 0 ..< Self.masterCount {
            let id = try nodes[index].call("CLUSTER", "MYID").text ?? ""
            try await Eventually.holds("that a replica knows its master") {
                (try? nodes[Self.masterCount + index].call("CLUSTER", "REPLICATE", id)) == .status("OK")
            }
        }
        try await holds("a cluster in order") { $0.contains("cluster_state:ok") }
        for replica in nodes[Self.masterCount...] { try await waitForLink(of: replica) }
    }

    /// Waits until a replica follows its master.
    func waitForLink(of replica: RedisServer) async throws {
        try await Eventually.holds("a replica at its master", within: .seconds(60)) {
            (try? replica.call("INFO", "replication").text)?.contains("master_link_status:up") == true
        }
    }

    /// Waits until all nodes that run say something of the cluster.
    func holds(_ what: String, _ condition: (String) -> Bool) async throws {
        try await Eventually.holds(what, within: .seconds(60)) {
            try nodes.filter(\.process.isRunning).allSatisfy {
                condition(try $0.call("CLUSTER", "INFO").text ?? "")
            }
        }
    }

    /// The node that is the master of a slot now, as another node says.
    /// - Parameter paused: a node that does not answer, and is not asked.
    func master(of slot: UInt16, paused: RedisServer? = nil) async throws -> RedisServer {
        try await Eventually.value(of: "a master of slot \(slot)") {
            for node in nodes where node.process.isRunning && node.address != paused?.address {
                let map = try ClusterMap(try node.call("CLUSTER", "SLOTS"), from: node.address)
                guard let address = map.master(of: slot) else { continue }
                if let found = nodes.first(where: { $0.address == address }), found.process.isRunning,
                    address != paused?.address,
                    try found.call("ROLE").elements?.first?.text == "master"
                {
                    return found
                }
            }
            return nil
        }
    }

    func configuration(_ name: String) -> RedisStoreConfiguration {
        var configuration = RedisStoreConfiguration(
            name: name, deployment: .cluster(nodes.prefix(2).map(\.address)))
        configuration.retryDuration = .seconds(60)
        return configuration
    }

    func stop() async throws {
        for node in nodes { try await node.process.kill() }
    }
}
