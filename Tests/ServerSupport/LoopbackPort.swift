// Ports on loopback: one that nobody listens on, and whether somebody does.

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif
import Synchronization

/// TCP ports of 127.0.0.1.
public enum LoopbackPort {
    /// Those that were given out: the system may offer one again before its server listens.
    private static let given = Mutex<Set<UInt16>>([])

    /// A port that nobody listens on, and that was not given out before.
    public static func free() throws -> UInt16 {
        for _ in 0 ..< 1_000 {
            let port = try unused()
            if given.withLock({ $0.insert(port).inserted }) { return port }
        }
        throw ServerSupportError("The system offers no port that is free.")
    }

    private static func unused() throws -> UInt16 {
        let socket = try LoopbackSocket.make()
        defer { close(socket) }
        guard LoopbackSocket.binds(socket, to: 0), let port = LoopbackSocket.port(of: socket) else {
            throw ServerSupportError("bind: \(String(cString: strerror(errno)))")
        }
        return port
    }

    /// Whether a server accepts connections at a port.
    public static func accepts(_ port: UInt16) -> Bool {
        guard let socket = try? LoopbackSocket.make() else { return false }
        defer { close(socket) }
        return LoopbackSocket.connects(socket, to: port)
    }
}
