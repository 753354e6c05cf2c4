// Where a server listens.

/// The address of a Redis server.
public enum RedisAddress: Hashable, Sendable, CustomStringConvertible {
    /// A host by name or IP address, and its TCP port.
    case tcp(host: String, port: UInt16)
    /// A socket in the file system, of a server on the same machine.
    case unix(path: String)

    public var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): path
        }
    }
}
