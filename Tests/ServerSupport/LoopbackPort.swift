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

    /// A free port whose number can be raised by `distance` to that of another one: for servers that use two.
    public static func free(withAnotherAt distance: UInt16) throws -> UInt16 {
        for _ in 0 ..< 1_000 {
            let port = try free()
            let (other, isOver) = port.addingReportingOverflow(distance)
            if !isOver, (try? unused(other)) != nil, given.withLock({ $0.insert(other).inserted }) {
                return port
            }
        }
        throw ServerSupportError("The system offers no two ports that are \(distance) apart.")
    }

    /// - Parameter port: the only one that will do; 0 for any.
    private static func unused(_ port: UInt16 = 0) throws -> UInt16 {
        let socket = try LoopbackSocket.make()
        defer { close(socket) }
        guard LoopbackSocket.binds(socket, to: port), let port = LoopbackSocket.port(of: socket) else {
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
