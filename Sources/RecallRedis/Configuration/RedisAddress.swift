// Where a server listens.

internal import Recall

/// The address of a Redis server.
public enum RedisAddress: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// A host by name or IP address, and its TCP port.
    case tcp(host: String, port: UInt16)
    /// A socket in the file system, of a server on the same machine.
    case unix(path: String)

    public var description: String {
        switch self {
        // What is no host may be a URL with a password, which is refused and not repeated.
        case .tcp(let host, let port) where !host.isHost: "\(host.withoutCredentials):\(port)"
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): path
        }
    }
    /// The same as `description`.
    public var customMirror: Mirror { Mirror(self, children: ["address": description]) }
}
