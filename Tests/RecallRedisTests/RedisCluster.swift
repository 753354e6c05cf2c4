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
    /// After how many milliseconds of silence a node is thought dead.
    static let nodeTimeout = 1500

    static func started(_ settings: [String] = []) async throws -> RedisCluster {
        var nodes: [RedisServer] = []
        for _ in 0 ..< 2 * masterCount {
            nodes.append(
                try RedisServer(
                    RedisServer.durable + [
                        "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf",
                        "--cluster-node-timeout", "\(nodeTimeout)", "--repl-diskless-sync-delay", "0",
                    ] + settings, port: try LoopbackPort.free(withAnotherAt: busDistance)))
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
    func master(
        of slot: UInt16, paused: RedisServer? = nil, within limit: Duration = .seconds(30)
    ) async throws -> RedisServer {
        try await Eventually.value(of: "a master of slot \(slot)", within: limit) {
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

    /// Waits until all nodes agree on who is a master and who has a slot, and each master has its replica. A node that has not heard of a
    /// slot's move would, as the next master, not take it over, and the one before would stay the master of that slot alone.
    func settle(slot: UInt16, within limit: Duration) async throws {
        try await Eventually.holds("a cluster in which all agree", within: limit) {
            guard nodes.allSatisfy({ $0.process.isRunning }) else { return false }
            var owners: Set<String> = []
            var masterCount = 0
            for node in nodes {
                // One that is busy, or starts, is asked again.
                guard let state = try? node.call("CLUSTER", "INFO").text, state.contains("cluster_state:ok"),
                    let slots = try? ClusterMap(try node.call("CLUSTER", "SLOTS"), from: node.address),
                    let owner = slots.master(of: slot), let role = try? node.call("INFO", "replication").text
                else { return false }
                owners.insert("\(owner)")
                if role.contains("role:master") {
                    masterCount += 1
                    guard role.contains("state=online") else { return false }
                } else if !role.contains("master_link_status:up") {
                    return false
                }
            }
            return owners.count == 1 && masterCount == Self.masterCount
        }
    }

    /// After how many milliseconds of silence nodes are thought dead from now on.
    func setNodeTimeout(_ milliseconds: String) throws {
        for node in nodes where node.process.isRunning {
            try node.call("CONFIG", "SET", "cluster-node-timeout", milliseconds)
        }
    }

    /// Moves a slot with its keys, in the steps that the specification has.
    func move(_ slot: UInt16, from source: RedisServer, to target: RedisServer) async throws {
        let (sourceID, targetID) = (
            try source.call("CLUSTER", "MYID").text ?? "", try target.call("CLUSTER", "MYID").text ?? ""
        )
        try target.call("CLUSTER", "SETSLOT", "\(slot)", "IMPORTING", sourceID)
        try source.call("CLUSTER", "SETSLOT", "\(slot)", "MIGRATING", targetID)
        try await Eventually.holds("a slot without keys", within: .seconds(60)) {
            let keys = try source.call("CLUSTER", "GETKEYSINSLOT", "\(slot)", "100").elements ?? []
            for key in keys.compactMap(\.text) {
                // A key that did not arrive in time is moved again.
                _ = try? source.call(
                    "MIGRATE", "127.0.0.1", "\(target.process.port)", key, "0", "5000", "REPLACE")
            }
            return keys.isEmpty
        }
        for node in [target, source] { try node.call("CLUSTER", "SETSLOT", "\(slot)", "NODE", targetID) }
        // What was moved is on the replica, too.
        func offset(_ node: RedisServer, _ name: String) throws -> UInt64? {
            let lines = try node.call("INFO", "replication").text?.split(separator: "\r\n") ?? []
            return lines.first { $0.hasPrefix(name + ":") }.flatMap { UInt64($0.dropFirst(name.count + 1)) }
        }
        guard let replica = try replica(of: target), let end = try offset(target, "master_repl_offset") else {
            return
        }
        try await Eventually.holds("what was moved at the replica", within: .seconds(60)) {
            try offset(replica, "slave_repl_offset") ?? 0 >= end
        }
    }

    /// A replica that follows a master now; nil where there is none.
    func replica(of master: RedisServer) throws -> RedisServer? {
        let id = try master.call("CLUSTER", "MYID").text ?? ""
        let lines = try master.call("CLUSTER", "REPLICAS", id).elements?.compactMap(\.text) ?? []
        return nodes.first { node in
            node.process.isRunning && lines.contains { $0.contains(":\(node.process.port)@") }
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
