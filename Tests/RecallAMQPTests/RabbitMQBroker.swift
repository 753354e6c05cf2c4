// RabbitMQ for the tests: a node of its own with a name, ports and a port mapper that no other node on the machine knows, users with
// and without rights, and a TLS listener.

import Foundation
import RecallServerTestSupport

@testable import RecallAMQP

/// A broker on loopback. It dies with the object, and with this process.
final class RabbitMQBroker: Sendable {
    static let password = "secret-of-tests"
    /// How large a message may be, in bytes.
    static let messageBytesMax = 1_000_000

    /// A broker that nobody stops; it takes some seconds to start.
    private static let sharedTask = Task {
        let broker = try RabbitMQBroker()
        try await broker.start()
        return broker
    }

    static var shared: RabbitMQBroker { get async throws { try await sharedTask.value } }

    /// The port mapper of Erlang: the node would start one by itself, which would stay.
    private let mapper: LoopbackServer
    private let server: LoopbackServer
    private let directory: ScratchDirectory
    private let environment: [String: String]
    let tlsPort: UInt16
    var port: UInt16 { server.port }

    /// The certificate that signed the broker's.
    var authorityPath: String { directory.file("ca.pem") }
    /// A certificate that signed nothing of it.
    var strangerPath: String { directory.file("stranger.pem") }

    init() throws {
        mapper = try LoopbackServer(
            "epmd", package: "erlang-base", environment: ["ERL_EPMD_ADDRESS": "127.0.0.1"],
            arguments: { port, _ in ["-port", "\(port)"] })
        let directory = try ScratchDirectory("rabbitmq")
        self.directory = directory
        for folder in ["home", "mnesia", "log"] {
            try FileManager.default.createDirectory(
                atPath: directory.file(folder), withIntermediateDirectories: true)
        }
        tlsPort = try LoopbackPort.free()
        try Self.makeCertificates(in: directory)
        try directory.write("[].\n", to: "enabled_plugins")
        try directory.write(Self.definitions, to: "definitions.json")
        try directory.write(
            """
            loopback_users = none
            load_definitions = \(directory.file("definitions.json"))
            max_message_size = \(Self.messageBytesMax)
            disk_free_limit.absolute = 1MB
            listeners.ssl.default = 127.0.0.1:\(tlsPort)
            ssl_options.cacertfile = \(directory.file("ca.pem"))
            ssl_options.certfile = \(directory.file("server.pem"))
            ssl_options.keyfile = \(directory.file("server.key"))
            ssl_options.verify = verify_none
            """, to: "rabbitmq.conf")
        let port = try LoopbackPort.free()
        environment = [

            "HOME": directory.file("home"), "RABBITMQ_NODENAME": "recall\(port)@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1", "RABBITMQ_NODE_PORT": "\(port)",
            "RABBITMQ_DIST_PORT": "\(try LoopbackPort.free())",
            "RABBITMQ_MNESIA_BASE": directory.file("mnesia"),
            "RABBITMQ_LOG_BASE": directory.file("log"), "RABBITMQ_PID_FILE": directory.file("pid"),
            "RABBITMQ_CONFIG_FILE": directory.file("rabbitmq"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": directory.file("enabled_plugins"),
            "ERL_EPMD_ADDRESS": "127.0.0.1", "ERL_EPMD_PORT": "\(mapper.port)",
        ]
        server = try LoopbackServer(
            "/usr/lib/rabbitmq/bin/rabbitmq-server", package: "rabbitmq-server", port: port,
            directory: directory, environment: environment, arguments: { _, _ in [] },
            isReady: { Self.takesConnections($0.port) })
    }

    func start() async throws {
        if !mapper.isRunning { try await mapper.start() }
        try await server.start(within: .seconds(180))
    }

    /// Kills it, and starts it again on its data.
    func restart() async throws {
        try await kill()
        try await start()
    }

    func kill() async throws {
        try await server.kill()
        // The mapper forgets a node when its connection ends; a new one starts with a new mapper all the same.
        try await mapper.kill()
    }

    /// Tells the node something while it runs (`rabbitmqctl`), and returns when it has done so.
    func control(_ arguments: String...) async throws {
        let control = try ServerProcess(
            "/usr/lib/rabbitmq/bin/rabbitmqctl", arguments, environment: environment,
            outputPath: directory.file("control.log"), directory: directory.path)
        try await control.waitForEnd(within: .seconds(120))
        guard control.hasSucceeded else {
            throw ServerSupportError("rabbitmqctl \(arguments): \(directory.read("control.log"))")
        }
    }

    /// A node accepts connections some time before it lets anybody in.
    private static func takesConnections(_ port: UInt16) -> Bool {
        guard LoopbackPort.accepts(port) else { return false }
        var configuration = AMQPConfiguration(
            host: "127.0.0.1", port: port,
            credentials: AMQPCredentials(user: "writer", password: password))
        configuration.exchange = AMQPExchange(name: "ready")
        guard let connection = try? AMQPConnection(configuration) else { return false }
        connection.close()
        return true
    }

    /// "writer" may do everything, "reader" may write to the exchange "allowed" alone.
    private static let definitions = """
        {"users":[
        {"name":"writer","password_hash":"\(hash)","hashing_algorithm":"rabbit_password_hashing_sha256","tags":""},
        {"name":"reader","password_hash":"\(hash)","hashing_algorithm":"rabbit_password_hashing_sha256","tags":""}],
        "vhosts":[{"name":"/"}],
        "permissions":[
        {"user":"writer","vhost":"/","configure":".*","write":".*","read":".*"},
        {"user":"reader","vhost":"/","configure":".*","write":"^allowed$","read":".*"}]}
        """

    /// Of the password above: a salt of four bytes and the SHA-256 of both.
    private static let hash = "AQIDBF/Fe/K+KZyJ6kIu7v9Arp8hkNQxJTCXeYhok55UKxzx"

    private static func makeCertificates(in directory: ScratchDirectory) throws {
        let openssl = try ServerProgram.find("openssl", package: "openssl")
        let commands = [
            "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.pem",
            "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=stranger -keyout stranger.key -out stranger.pem",
            "req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr",
            "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem",
        ]
        try directory.write("subjectAltName=DNS:localhost\n", to: "names")
        for command in commands {
            let process = Process()
            process.executableURL = URL(filePath: openssl)
            process.arguments = command.split(separator: " ").map(String.init)
            process.currentDirectoryURL = URL(filePath: directory.path)
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            guard process.terminationStatus == 0 else {
                throw ServerSupportError("openssl \(command) failed.")
            }
        }
    }
}
