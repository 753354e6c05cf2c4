// The stores over other servers beside the log, in one run: what a network, another process and another promise cost. The servers
// run on the same machine, so a real network comes on top.

import ArgumentParser
import Foundation
import Recall
import RecallAMQP
import RecallBenchmarksKit
import RecallLog
import RecallMemcached
import RecallRedis

@main
struct NeighbourBenchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recall-neighbour-benchmarks",
        abstract:
            "Measures the log, Redis, Memcached and a broker in turns. scripts/bench-neighbours starts them.")

    @Option(help: "Redis, as host:port.") var redis: String
    @Option(help: "Memcached, as host:port.") var memcached: String
    @Option(help: "The broker, as host:port; user and password guest.") var amqp: String
    @Option(help: "Where the log is made, on the disk that is measured.") var directory: String
    @Option(help: "How often each takes its turn.") var rounds = 7
    @Option(help: "How long a turn lasts, in seconds.") var seconds = 1.0

    func validate() throws {
        if rounds < 1 || seconds <= 0 { throw ValidationError("--rounds and --seconds must be positive.") }
    }

    func run() async throws {
        let measuring = Measuring(roundCount: rounds, turn: .seconds(seconds))
        let path = directory + "/neighbours-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let log = try await Log.open(at: path + "/log")
        let (redisHost, redisPort) = try Self.address(redis)
        let store = try await RedisEventStore.open(
            RedisStoreConfiguration(
                name: "bench-\(UUID())", deployment: .single(.tcp(host: redisHost, port: redisPort))))
        try await measureEvents(log, store, measuring)
        try await measureSnapshots(beside: log, measuring)
        try await measureRoutes(measuring)
        store.close()
        try await log.close()
    }

    private func measureEvents(
        _ log: Log, _ redis: RedisEventStore, _ measuring: Measuring
    ) async throws {
        let memory = MemoryEventStore()
        for (number, (eventCount, callerCount)) in [(1, 1), (1, 64), (100, 1)].enumerated() {
            print("durable appends, events in a commit: \(eventCount), commits/s")
            // Events of their own: what a store has already is no append.
            func work(_ store: any EventStore) -> Measuring.Turn {
                AppendWork(store, seed: UInt64(number + 1), eventCount: eventCount).turn
            }
            try await measuring.print(
                callerCount,
                [
                    ("log", work(log.events)), ("Redis, every write synced", work(redis)),
                    ("in memory", work(memory)),
                ])
        }
        print("replay, events/s")
        try await measuring.print(
            1,
            [
                ("log", ReplayWork(log.events).turn), ("Redis", ReplayWork(redis).turn),
                ("in memory", ReplayWork(memory).turn),
            ])
    }

    private func measureSnapshots(beside log: Log, _ measuring: Measuring) async throws {
        let (host, port) = try Self.address(memcached)
        var configuration = MemcachedConfiguration(servers: [MemcachedServer(host: host, port: port)])
        configuration.namespace = "bench-\(UUID())"
        let cache = try MemcachedSnapshotStore(configuration)
        for kind in SnapshotWork.Kind.allCases {
            print("\nsnapshots of 2 KiB \(kind.rawValue), snapshots/s")
            let (kept, cached) = (SnapshotWork(log.snapshots, kind), SnapshotWork(cache, kind))
            try await kept.fill()
            try await cached.fill()
            for callerCount in [1, 64] {
                try await measuring.print(
                    callerCount, [("beside the log", kept.turn), ("Memcached", cached.turn)])
            }
        }
    }

    private func measureRoutes(_ measuring: Measuring) async throws {
        let (host, port) = try Self.address(amqp)
        var configuration = AMQPConfiguration(
            host: host, port: port, credentials: AMQPCredentials(user: "guest", password: "guest"))
        configuration.exchange = AMQPExchange(name: "bench")
        configuration.isMandatory = true
        configuration.logger.logLevel = .warning
        let router = try AMQPEventRouter(configuration)
        print("\nevents confirmed by the broker, events/s")
        try await measuring.print(
            1,
            [
                ("one by one", RouteWork(router, batch: 1, graphCount: 256).turn),
                ("256 at a time, one graph", RouteWork(router, batch: 256, graphCount: 1).turn),
                ("256 at a time, of 256 graphs", RouteWork(router, batch: 256, graphCount: 256).turn),
            ])
        router.close()
    }

    private static func address(_ text: String) throws -> (host: String, port: UInt16) {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1]) else {
            throw ValidationError("\(text) is no host:port.")
        }
        return (String(parts[0]), port)
    }
}
