// A network between store and server that loses what a test wants lost. It reads nothing of the protocol but whether a
// request runs a script, which is how it tells appends from what a new connection says.

import RecallServerTestSupport
import RecallThreads
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Passes connections on to a server on loopback.
final class LossyProxy: Sendable {
    enum Fault: Sendable {
        /// The server gets the script and its answer is lost with the connection.
        case losesAnswer
        /// The script is lost with the connection, before the server gets it.
        case losesRequest
        /// The server gets the scripts, and the connection is lost behind so many bytes of its answers.
        case cutsAnswer(after: Int)
        /// The server gets the script, and its answer waits for `release()`.
        case stalls
    }

    private struct State: Sendable {
        /// What happens to the next scripts, one after the other.
        var faults: [Fault] = []
        var isReleased = false
        var stalledCount = 0
        var scriptRequestCount = 0
    }

    let port: UInt16
    private let serverPort: UInt16
    private let listener: Int32
    private let state = Monitor(State())

    init(to serverPort: UInt16) throws {
        self.serverPort = serverPort
        port = try LoopbackPort.free()
        listener = try LoopbackSocket.make()
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard LoopbackSocket.binds(listener, to: port), listen(listener, 128) == 0 else {
            throw ServerSupportError("The proxy got no port.")
        }
        try WorkerThread.start { [self] in acceptAll() }
    }

    /// Ends the proxy and all that waits in it.
    func stop() {
        release()
        shutdown(listener, Int32(SHUT_RDWR))
    }

    func add(_ faults: [Fault]) { state.withLock { $0.faults += faults } }

    /// How many answers wait.
    var stalledCount: Int { state.withLock { $0.stalledCount } }

    /// How many requests had scripts in them: several that are sent together are one.
    var scriptRequestCount: Int { state.withLock { $0.scriptRequestCount } }

    /// How many faults have not come to pass.
    var faultsLeft: Int { state.withLock { $0.faults.count } }

    /// Lets the answers through that wait.
    func release() {
        state.withLock { $0.isReleased = true }
        state.broadcast()
    }

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
            let pair = Pair(client: client, server: server)
            try? WorkerThread.start { [self] in requests(pair) }
            try? WorkerThread.start { [self] in answers(pair) }
        }
        close(listener)
    }

    /// Both ends of a connection; the descriptors are closed when both threads have left.
    private final class Pair: Sendable {
        let client: Int32
        let server: Int32
        /// What happens to the next answer.
        let fault = Mutex<Fault?>(nil)

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

    private func requests(_ pair: Pair) {
        defer { pair.end() }
        Self.pump(from: pair.client, to: pair.server) { bytes in
            guard bytes.contains(script: Array("EVAL".utf8)) else { return bytes.count }
            let fault = state.withLock { state in
                state.scriptRequestCount += 1
                return state.faults.isEmpty ? nil : state.faults.removeFirst()
            }
            if case .losesRequest = fault { return nil }
            pair.fault.withLock { $0 = fault }
            return bytes.count
        }
    }

    private func answers(_ pair: Pair) {
        defer { pair.end() }
        Self.pump(from: pair.server, to: pair.client) { bytes in
            switch pair.fault.withLock({ $0 }) {
            case .losesAnswer: return nil
            case .cutsAnswer(let count):
                // They may come in pieces.
                let passed = min(count, bytes.count)
                pair.fault.withLock { $0 = .cutsAnswer(after: count - passed) }
                return passed
            case .stalls:
                state.withLock { $0.stalledCount += 1 }
                state.wait { $0.isReleased ? () : nil }
                pair.fault.withLock { $0 = nil }
                return bytes.count
            default: return bytes.count
            }
        }
    }

    /// Passes bytes on until there are no more, or not all that were read are to pass.
    private static func pump(from source: Int32, to target: Int32, countToPass: ([UInt8]) -> Int?) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            guard count > 0, let passed = countToPass(Array(buffer[..<count])) else { return }
            var offset = 0
            while offset < passed {
                let sent = buffer[offset ..< passed].withUnsafeBytes {
                    #if canImport(Darwin)
                    send(target, $0.baseAddress, $0.count, 0)
                    #else
                    send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                    #endif
                }
                if sent <= 0 { return }
                offset += sent
            }
            if passed < count { return }
        }
    }
}

extension [UInt8] {
    fileprivate func contains(script word: [UInt8]) -> Bool {
        indices.dropLast(word.count - 1).contains { self[$0 ..< $0 + word.count].elementsEqual(word) }
    }
}
