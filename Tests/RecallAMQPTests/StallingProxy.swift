// A network between router and broker that stops to pass things on when a test wants it: what a peer that does not read looks like.

import RecallServerTestSupport
import RecallThreads

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Passes connections on to a server on loopback, and holds what comes from the clients for as long as it is told to. What the server
/// sends, its heartbeats above all, goes on.
final class StallingProxy: Sendable {
    private struct State: Sendable {
        var isStalled = false
        var openCount = 0
    }

    let port: UInt16
    private let serverPort: UInt16
    private let listener: Int32
    private let state = Monitor(State())

    init(to serverPort: UInt16) throws {
        self.serverPort = serverPort
        port = try LoopbackPort.free()
        listener = try LoopbackSocket.listening(at: port)
        try WorkerThread.start { [self] in acceptAll() }
    }

    /// Ends the proxy and all that waits in it.
    func stop() {
        resume()
        shutdown(listener, Int32(SHUT_RDWR))
    }

    func stall() { state.withLock { $0.isStalled = true } }

    func resume() {
        state.withLock { $0.isStalled = false }
        state.broadcast()
    }

    /// How many connections of clients are open.
    var openCount: Int { state.withLock { $0.openCount } }

    private func acceptAll() {
        while true {
            let client = accept(listener, nil, nil)
            if client < 0 { break }
            guard let server = try? LoopbackSocket.make() else {
                close(client)
                continue
            }
            guard LoopbackSocket.connects(server, to: serverPort) else {
                close(client)
                close(server)
                continue
            }
            state.withLock { $0.openCount += 1 }
            let pair = Pair(client: client, server: server)
            try? WorkerThread.start { [self] in
                pump(from: pair.client, to: pair.server) { state.wait { $0.isStalled ? nil : () } }
                pair.end()
            }
            try? WorkerThread.start { [self] in
                pump(from: pair.server, to: pair.client) {}
                // Seen also while the other direction stalls: the client's end makes the server's heartbeats fail.
                state.withLock { $0.openCount -= 1 }
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

    private func pump(from source: Int32, to target: Int32, gate: () -> Void) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            if count <= 0 { return }
            gate()
            var offset = 0
            while offset < count {
                let sent = buffer[offset ..< count].withUnsafeBytes {
                    #if canImport(Darwin)
                    send(target, $0.baseAddress, $0.count, 0)
                    #else
                    send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                    #endif
                }
                if sent <= 0 { return }
                offset += sent
            }
        }
    }
}

extension LoopbackSocket {
    /// A socket that takes connections. Whoever only makes it is a server that accepts, as the system does for it, and says nothing.
    static func listening(at port: UInt16) throws -> Int32 {
        let listener = try make()
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard binds(listener, to: port), listen(listener, 128) == 0 else {
            close(listener)
            throw ServerSupportError("Nothing can listen at port \(port).")
        }
        return listener
    }
}
