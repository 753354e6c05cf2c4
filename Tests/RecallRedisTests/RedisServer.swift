// Redis servers of the tests, on loopback.

import Foundation
import Recall
import RecallServerTestSupport
import RecallTestKit

@testable import RecallRedis

/// How a test wants its server.
struct RedisServer: Sendable {
    /// What is durable when the server answers, as the store asks for by default.
    static let durable = [
        "--appendonly", "yes", "--appendfsync", "always", "--repl-diskless-sync-delay", "0",
        "--repl-ping-replica-period", "1",
    ]

    let process: LoopbackServer

    /// A server that is not started.
    init(_ settings: [String] = durable, port: UInt16? = nil) throws {
        process = try LoopbackServer(
            "redis-server", package: "redis-server", port: port,
            arguments: { port, directory in
                ["--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--dir", directory.path] + settings
            })
    }

    /// A server that runs.
    static func started(_ settings: [String] = durable) async throws -> RedisServer {
        let server = try RedisServer(settings)
        try await server.process.start()
        return server
    }

    var address: RedisAddress { .tcp(host: "127.0.0.1", port: process.port) }

    /// A store of a name of its own, with short times.
    func configuration(_ name: String = UUID().uuidString) -> RedisStoreConfiguration {
        var configuration = RedisStoreConfiguration(name: name, deployment: .single(address))
        configuration.retryDuration = .seconds(60)
        return configuration
    }

    /// A store of a name of its own, which reaches the server through a proxy.
    func configuration(through proxy: LossyProxy) -> RedisStoreConfiguration {
        var configuration = configuration()
        configuration.deployment = .single(.tcp(host: "127.0.0.1", port: proxy.port))
        return configuration
    }

    /// Says something to the server.
    @discardableResult
    func call(_ words: String...) throws -> RedisReply { try call(words) }

    /// Says something to the server.
    @discardableResult
    func call(_ words: [String]) throws -> RedisReply {
        var command = RedisCommand()
        for word in words { command.append(word) }
        let connection = try RedisConnection(
            to: address, tls: nil, commandTimeout: .seconds(30), until: .after(.seconds(30)))
        return try connection.exchange(command, until: .after(.seconds(30)))
    }
}

/// One server for all cases that neither stop it nor change its settings. It goes with the process.
enum SharedRedis {
    private static let start = Task {
        let server = try await RedisServer.started()
        // It knows the scripts from now on: a test that loses an answer means that of a commit.
        for script in [RedisScript.append, .read, .status] {
            try server.call("SCRIPT", "LOAD", script.source)
        }
        return server
    }

    static func server() async throws -> RedisServer { try await start.value }
}
