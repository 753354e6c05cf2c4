// A server as a setting names it, read the same for every adapter.

/// A host and a port.
package struct ServerAddress: Hashable, Sendable {
    package var host: String
    package var port: UInt16

    /// `host`, `host:port`, `[::1]` or `[::1]:port`; nil for anything else. An address of IPv6 alone has no port.
    package init?(_ text: String, defaultPort: UInt16) {
        var host = Substring(text)
        var port: Substring?
        if host.first == "[" {
            guard let end = host.firstIndex(of: "]") else { return nil }
            let rest = host[host.index(after: end)...]
            host = host[host.index(after: host.startIndex) ..< end]
            if !rest.isEmpty {
                guard rest.first == ":" else { return nil }
                port = rest.dropFirst()
            }
        } else if let colon = host.firstIndex(of: ":"), colon == host.lastIndex(of: ":") {
            port = host[host.index(after: colon)...]
            host = host[..<colon]
        }
        guard String(host).isHost else { return nil }
        if let port {
            // Number parsing takes a sign, which no port has.
            guard port.first?.isNumber == true, let number = UInt16(port), number > 0 else { return nil }
            self.port = number
        } else {
            self.port = defaultPort
        }
        self.host = String(host)
    }
}

extension StoreSettings {
    /// A setting that names a server, such as `cache1:11211`; nil where it is not set.
    /// - Throws: where it is something else.
    package func address(_ name: String, defaultPort: UInt16) throws -> ServerAddress? {
        try string(name).map { try parsed($0, name, defaultPort) }
    }

    /// A setting that lists servers; nil where it is not set.
    /// - Throws: where one of them is something else.
    package func addresses(_ name: String, defaultPort: UInt16) throws -> [ServerAddress]? {
        try strings(name)?.map { try parsed($0, name, defaultPort) }
    }

    private func parsed(_ text: String, _ name: String, _ defaultPort: UInt16) throws -> ServerAddress {
        guard let address = ServerAddress(text, defaultPort: defaultPort) else {
            throw rejection(
                of: name,
                expected:
                    "a server such as localhost:\(defaultPort), and no URL: user and password are settings of their own",
                found: text.withoutCredentials)
        }
        return address
    }
}
