// Sockets on loopback, as the system has them: for ports that are looked for, and for a network that a test makes itself.

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// TCP sockets of 127.0.0.1. Whoever makes one closes it.
public enum LoopbackSocket {
    /// A socket that is neither bound nor connected. No process that is started inherits it, where the system has that.
    public static func make() throws -> Int32 {
        #if canImport(Glibc)
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        #elseif canImport(Musl)
        let type = SOCK_STREAM | SOCK_CLOEXEC
        #else
        let type = SOCK_STREAM
        #endif
        let descriptor = socket(AF_INET, type, 0)
        guard descriptor >= 0 else { throw ServerSupportError("socket: \(String(cString: strerror(errno)))") }
        return descriptor
    }

    /// A socket that takes connections. Whoever only makes it is a server that accepts, as the system does for it, and says nothing.
    public static func listening(at port: UInt16) throws -> Int32 {
        let listener = try make()
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard binds(listener, to: port), listen(listener, 128) == 0 else {
            close(listener)
            throw ServerSupportError("Nothing can listen at port \(port).")
        }
        return listener
    }

    /// Binds a socket to a port, or, for port 0, to one that the system chooses.
    /// - Returns: whether it could be; `errno` says why not.
    public static func binds(_ descriptor: Int32, to port: UInt16) -> Bool {
        withAddress(port) { bind(descriptor, $0, $1) } == 0
    }

    /// Connects a socket to whoever listens at a port.
    /// - Returns: whether somebody does; `errno` says why not.
    public static func connects(_ descriptor: Int32, to port: UInt16) -> Bool {
        withAddress(port) { connect(descriptor, $0, $1) } == 0
    }

    /// The port that a socket is bound to; nil where it is to none.
    static func port(of descriptor: Int32) -> UInt16? {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return result == 0 ? UInt16(bigEndian: address.sin_port) : nil
    }

    private static func withAddress(
        _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
