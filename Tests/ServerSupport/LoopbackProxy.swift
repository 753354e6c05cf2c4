// A network that a test makes itself: it stands between clients and a server on loopback, and the test says what passes.

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif
import RecallThreads
import Synchronization

/// Passes connections on to a server on loopback, as a test wants them passed. Its threads end with the connections and `stop()`.
public final class LoopbackProxy: Sendable {
    /// Says of bytes that were read how many pass, from the first on. The connection ends where that is not all of them. It may block.
    public typealias Gate = @Sendable (_ bytes: [UInt8]) -> Int

    /// Where clients connect to.
    public let port: UInt16
    private let serverPort: Mutex<UInt16>
    private let listener: Int32
    private let gates: @Sendable () -> (requests: Gate, answers: Gate)
    private let open = Mutex(0)

    /// - Parameters:
    ///   - serverPort: where the server listens.
    ///   - gates: makes the gates of a connection: of what its client sends, and of what the server answers.
    public init(
        to serverPort: UInt16, _ gates: @escaping @Sendable () -> (requests: Gate, answers: Gate)
    ) throws {
        self.serverPort = Mutex(serverPort)
        self.gates = gates
        port = try LoopbackPort.free()
        listener = try LoopbackSocket.listening(at: port)
        try WorkerThread.start { [self] in acceptAll() }
    }

    /// Leads new connections to another server, as an address does whose server was replaced.
    public func redirect(to port: UInt16) { serverPort.withLock { $0 = port } }

    /// Takes no more connections.
    public func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    /// How many connections of clients are open.
    public var openCount: Int { open.withLock { $0 } }

    private func acceptAll() {
        while true {
            let client = accept(listener, nil, nil)
            if client < 0 { break }
            guard let server = try? LoopbackSocket.make() else {
                close(client)
                continue
            }
            let pair = Pair(client: client, server: server)
            guard LoopbackSocket.connects(server, to: serverPort.withLock { $0 }) else { continue }
            let gates = gates()
            open.withLock { $0 += 1 }
            try? WorkerThread.start {
                Self.pump(from: pair.client, to: pair.server, gates.requests)
                pair.end()
            }
            try? WorkerThread.start { [self] in
                Self.pump(from: pair.server, to: pair.client, gates.answers)
                // Seen also while a gate holds the other direction: what the server sends cannot be passed on any more.
                open.withLock { $0 -= 1 }
                pair.end()
            }
        }
        close(listener)
    }

    /// Both ends of a connection; the descriptors are closed when both threads have left.
    private final class Pair: Sendable {
        let client: Int32
        let server: Int32

        init(client: Int32, server: Int32) {
            self.client = client
            self.server = server
        }

        func end() {
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(server, Int32(SHUT_RDWR))
        }

        deinit {
            close(client)
            close(server)
        }
    }

    private static func pump(from source: Int32, to target: Int32, _ gate: Gate) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            if count <= 0 { return }
            let passedCount = gate(Array(buffer[..<count]))
            var offset = 0
            while offset < passedCount {
                let sent = buffer[offset ..< passedCount].withUnsafeBytes {
                    #if canImport(Darwin)
                    send(target, $0.baseAddress, $0.count, 0)
                    #else
                    send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                    #endif
                }
                if sent <= 0 { return }
                offset += sent
            }
            if passedCount < count { return }
        }
    }
}
