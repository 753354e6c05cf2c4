// Memcached for the tests: one server that the suites share, each with a namespace of its own, and others that a test may stop.

import Foundation
import Logging
import Recall
import RecallServerTestSupport
import RecallTestKit

@testable import RecallMemcached

enum MemcachedBench {
    /// A server that nobody stops. It dies with the process.
    private static let shared = Task {
        let server = try MemcachedBench.server(megabytes: 512)
        try await server.start()
        return server
    }

    /// The port of the server that the tests share.
    static var port: UInt16 { get async throws { try await shared.value.port } }

    static func server(megabytes: Int = 64, port: UInt16? = nil) throws -> LoopbackServer {
        try LoopbackServer("memcached", package: "memcached", port: port) { port, _ in
            ["-u", "root", "-l", "127.0.0.1", "-p", "\(port)", "-m", "\(megabytes)"]
        }
    }

    static func configuration(
        _ ports: [UInt16], logs: RecordedLogs = RecordedLogs(),
        _ change: (inout MemcachedConfiguration) -> Void = { _ in }
    ) -> MemcachedConfiguration {
        var configuration = MemcachedConfiguration(
            servers: ports.map { MemcachedServer(host: "127.0.0.1", port: $0) })
        configuration.namespace = UUID().uuidString
        configuration.retryInterval = .seconds(1)
        configuration.logger = Logger(label: "test", factory: { _ in logs })
        change(&configuration)
        return configuration
    }

    static func snapshot(
        of number: UInt64 = 1, at position: Position = 10, bytes: Int = 100
    ) -> Snapshot {
        var generator = SeededGenerator(seed: number &* 1_000_003 &+ position.rawValue)
        return Snapshot(
            aggregateID: AggregateID(number: number), aggregateType: "Company", version: 5,
            position: position, schemaFingerprint: 7, time: Timestamp(microsecondsSince1970: 1),
            payload: Data((0 ..< bytes).map { _ in UInt8.random(in: 0 ... 255, using: &generator) }))
    }
}

/// A log handler that keeps what it hears.
struct RecordedLogs: LogHandler {
    private let recorded = Shared<[String]>([])
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace
    var lines: [String] { recorded.value }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        recorded.change { $0.append("\(event.message)") }
    }
}
