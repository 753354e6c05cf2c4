// A server that a test starts on loopback, stops, kills and starts again on the same port and data.
//
// The server dies with the object, and with this process, whatever becomes of that (OrphanGuard).

import Foundation
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A server program on a port of 127.0.0.1, with a directory of its own.
public final class LoopbackServer: Sendable {
    /// The file of its directory that holds what it printed.
    private static let outputName = "output.log"

    public let port: UInt16
    public let directory: ScratchDirectory
    private let program: String
    private let arguments: [String]
    private let environment: [String: String]
    private let isReady: @Sendable (LoopbackServer) async throws -> Bool
    private let process = Mutex<ServerProcess?>(nil)

    /// A server that is not yet started.
    /// - Parameters:
    ///   - program: its name or whole path, such as `redis-server`.
    ///   - package: the Debian package that has it, for who lacks it.
    ///   - port: where it is going to listen; a free one if left out.
    ///   - directory: where it starts and keeps its data; a new one if left out.
    ///   - environment: names and values beside those of this process.
    ///   - arguments: of the program, for its port and directory.
    ///   - isReady: whether it can be used; that it accepts connections if left out.
    /// - Throws: `ServerSupportError` where the program is missing.
    public init(
        _ program: String, package: String, port: UInt16? = nil, directory: ScratchDirectory? = nil,
        environment: [String: String] = [:],
        arguments: (_ port: UInt16, _ directory: ScratchDirectory) throws -> [String],
        isReady: @escaping @Sendable (LoopbackServer) async throws -> Bool = { LoopbackPort.accepts($0.port) }
    ) throws {
        self.program = try ServerProgram.find(program, package: package)
        self.port = try port ?? LoopbackPort.free()
        self.directory = try directory ?? ScratchDirectory()
        self.environment = environment
        self.arguments = try arguments(self.port, self.directory)
        self.isReady = isReady
    }

    /// Starts it, and returns when it can be used.
    /// - Throws: `ServerSupportError` with what it printed, where it ended or did not get ready in time.
    public func start(within limit: Duration = .seconds(60)) async throws {
        let started = try ServerProcess(
            program, arguments, environment: environment, outputPath: directory.file(Self.outputName),
            directory: directory.path)
        process.withLock { $0 = started }
        do {
            try await Eventually.holds("\(program) on port \(port)", within: limit) {
                if !started.isRunning { throw ServerSupportError("\(program) ended while it started.") }
                return try await isReady(self)
            }
        } catch {
            try? await started.kill()
            throw ServerSupportError("\(error) It printed:\n\(log)")
        }
    }

    public var isRunning: Bool { process.withLock { $0 }?.isRunning ?? false }

    /// The id of the process that was started last.
    public var processID: Int32? { process.withLock { $0 }?.id }

    /// Asks it to end, kills it where it does not, and returns when it has ended.
    public func stop(within limit: Duration = .seconds(10)) async throws {
        try await process.withLock { $0 }?.stop(within: limit)
    }

    /// Kills it, without giving it time for anything, and returns when it has ended.
    public func kill() async throws { try await process.withLock { $0 }?.kill() }

    /// Lets it hang until it gets `SIGCONT`. Returns when it has stopped.
    public func suspend() async throws { try await process.withLock { $0 }?.suspend() }

    /// Sends it a signal, such as `SIGCONT` to let it go on.
    public func signal(_ signal: Int32) { process.withLock { $0 }?.signal(signal) }

    /// Kills it, and starts it again on the same port and data.
    public func restart() async throws {
        try await kill()
        try await start()
    }

    /// The last lines of what it printed.
    public var log: String {
        directory.read(Self.outputName).split(separator: "\n").suffix(60).joined(separator: "\n")
    }
}
