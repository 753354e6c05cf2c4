// A stream socket that never blocks: whoever needs it to be ready waits with a deadline. The descriptor is
// open as long as the object lives, so that another thread may interrupt whoever waits.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// A connected socket.
final class Socket: Sendable {
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Connects.
    /// - Throws: a `connection` failure that says what the system said.
    static func connect(to address: RedisAddress, until deadline: Deadline) throws(RedisFailure) -> Socket {
        switch address {
        case .unix(let path): try connectUnix(path, until: deadline)
        case .tcp(let host, let port): try connectTCP(host, port, until: deadline)
        }
    }

    private static func connectUnix(_ path: String, until deadline: Deadline) throws(RedisFailure) -> Socket {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { target in
            guard bytes.count < target.count, !bytes.contains(0) else { return false }
            target.copyBytes(from: bytes)
            return true
        }
        guard fits else { throw failure("the path of the socket is longer than the system allows") }
        let socket = try make(family: AF_UNIX)
        try withUnsafePointer(to: &address) { pointer throws(RedisFailure) in
            try socket.connect(
                UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr.self),
                socklen_t(MemoryLayout<sockaddr_un>.size), until: deadline)
        }
        return socket
    }

    /// Tries the addresses of a host one after the other. Looking its name up takes as long as the system lets it.
    private static func connectTCP(
        _ host: String, _ port: UInt16, until deadline: Deadline
    ) throws(RedisFailure) -> Socket {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        #if canImport(Glibc)
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
        hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        let number = getaddrinfo(host, String(port), &hints, &list)
        guard number == 0 else {
            throw failure("its name is not known: \(String(cString: gai_strerror(number)))")
        }
        defer { freeaddrinfo(list) }
        var last = failure("its name has no address")
        var next = list
        while let found = next?.pointee {
            next = found.ai_next
            do throws(RedisFailure) {
                let socket = try make(family: found.ai_family)
                guard let address = found.ai_addr else { continue }
                try socket.connect(address, found.ai_addrlen, until: deadline)
                socket.set(Int32(IPPROTO_TCP), TCP_NODELAY)
                socket.set(SOL_SOCKET, SO_KEEPALIVE)
                return socket
            } catch {
                last = error
            }
        }
        throw last
    }

    private static func make(family: Int32) throws(RedisFailure) -> Socket {
        #if canImport(Glibc)
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        #else
        let descriptor = socket(family, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { throw failure("the system gave no socket: \(systemError)") }
        let made = Socket(descriptor: descriptor)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        guard fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0 else { throw failure("fcntl: \(systemError)") }
        #if canImport(Darwin)
        made.set(SOL_SOCKET, SO_NOSIGPIPE)
        #endif
        return made
    }

    private func set(_ level: Int32, _ option: Int32) {
        var value: Int32 = 1
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private func connect(
        _ address: UnsafePointer<sockaddr>, _ length: socklen_t, until deadline: Deadline
    ) throws(RedisFailure) {
        if begin(address, length) == 0 { return }
        guard errno == EINPROGRESS || errno == EINTR else { throw Self.failure(Self.systemError) }
        guard wait(for: POLLOUT, until: deadline) else { throw Self.failure("connecting took too long") }
        var number: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &size)
        guard number == 0 else { throw Self.failure(String(cString: strerror(number))) }
    }

    /// Waits until the socket can be read or written, or has failed, which reading or writing then says.
    /// - Returns: false when the deadline passed first.
    private func wait(for event: Int32, until deadline: Deadline) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        while true {
            let count = poll(&entry, 1, deadline.milliseconds)
            if count > 0 { return true }
            if count == 0 || errno != EINTR { return false }
            if deadline.hasPassed { return false }
        }
    }

    /// Reads what is there, and waits until something is.
    /// - Returns: how many bytes were read; 0 at the end of the stream; nil when the deadline passed first.
    func read(
        into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline
    ) throws(RedisFailure) -> Int? {
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count >= 0 { return count }
            switch errno {
            case EINTR: continue
            case EAGAIN, EWOULDBLOCK:
                if !wait(for: POLLIN, until: deadline) { return nil }
            default: throw .connection("reading failed: \(Self.systemError)", mayHaveRun: true)
            }
        }
    }

    /// Writes everything.
    /// - Throws: a `connection` failure, also when the deadline passed.
    func write(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline) throws(RedisFailure) {
        #if canImport(Darwin)
        let flags: Int32 = 0
        #else
        let flags = Int32(MSG_NOSIGNAL)
        #endif
        var offset = 0
        var deadline = deadline
        while offset < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
            let count = send(descriptor, rest.baseAddress, rest.count, flags)
            if count >= 0 {
                offset += count
                deadline.noteProgress()
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN, EWOULDBLOCK:
                if !wait(for: POLLOUT, until: deadline) {
                    throw .connection("the server took no more data in time", mayHaveRun: true)
                }
            default: throw .connection("writing failed: \(Self.systemError)", mayHaveRun: true)
            }
        }
    }

    /// Ends whatever waits for the socket, from any thread. It cannot be used afterwards.
    func interrupt() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    private static func failure(_ what: String) -> RedisFailure { .connection(what, mayHaveRun: false) }

    private static var systemError: String { String(cString: strerror(errno)) }

    /// The system's `connect`, which the methods of the same name hide.
    private func begin(_ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
        #if canImport(Glibc)
        Glibc.connect(descriptor, address, length)
        #elseif canImport(Musl)
        Musl.connect(descriptor, address, length)
        #else
        Darwin.connect(descriptor, address, length)
        #endif
    }
}
