// How connections are encrypted, and by what a server proves who it is.

/// TLS 1.2 or later between the store and its server.
public struct RedisTLS: Sendable, Hashable {
    /// A file of certificates in PEM form that the server's must go back to; nil for those of the system.
    public var authorityPath: String?
    /// The name in the server's certificate; nil for the host of its address.
    public var serverName: String?
    /// Whether the server's certificate is verified. Without it anybody on the way can pose as the server.
    public var isVerifying = true
    /// The file of the client's own certificate in PEM form, for servers that ask for one.
    public var certificatePath: String?
    /// The file of the key to it, in PEM form.
    public var keyPath: String?

    /// TLS with a verified server.
    /// - Parameters:
    ///   - authorityPath: a file of certificates that the server's must go back to; nil for the system's.
    ///   - serverName: the name in the server's certificate; nil for the host of its address.
    public init(authorityPath: String? = nil, serverName: String? = nil) {
        self.authorityPath = authorityPath
        self.serverName = serverName
    }
}
