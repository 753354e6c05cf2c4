// Snapshots in Memcached that a configuration file names.

public import Recall

extension MemcachedSnapshotStore: Configurable {
    /// `memcached`.
    public static var kind: String { "memcached" }

    /// `servers`, a list such as `[cache1:11211, cache2]`; the rest are those of `MemcachedConfiguration`: `namespace`,
    /// `expiry`, `item_bytes_max`, `payload_bytes_max`, `connection_count`, `connect_timeout`, `request_timeout` and
    /// `retry_interval`.
    public static var settingNames: [SettingName] {
        [
            "servers", "namespace", "expiry", "item_bytes_max", "payload_bytes_max", "connection_count",
            "connect_timeout", "request_timeout", "retry_interval",
        ]
    }

    /// A store on the servers that the settings name. None of them is asked yet.
    /// - Throws: the settings' errors, or those of `init(_:)`.
    public static func make(from settings: any StoreSettings) async throws -> MemcachedSnapshotStore {
        try MemcachedSnapshotStore(configuration(from: settings))
    }

    /// Checks the settings, and asks no server.
    /// - Throws: the settings' errors, or those of `init(_:)`.
    public static func check(_ settings: any StoreSettings) throws {
        try configuration(from: settings).check()
    }

    private static func configuration(from settings: any StoreSettings) throws -> MemcachedConfiguration {
        guard let servers = try settings.addresses("servers", defaultPort: 11_211), !servers.isEmpty else {
            throw settings.rejection(
                of: "servers", expected: "a list of servers such as [localhost:11211]", found: "nothing")
        }
        var configuration = MemcachedConfiguration(
            servers: servers.map { MemcachedServer(host: $0.host, port: $0.port) })
        if let namespace = try settings.string("namespace") { configuration.namespace = namespace }
        configuration.expiry = try settings.duration("expiry")
        let bytes = 1024 ... 1 << 30
        if let count = try settings.int("item_bytes_max", in: bytes) { configuration.itemBytesMax = count }
        if let count = try settings.int("payload_bytes_max", in: bytes) {
            configuration.payloadBytesMax = count
        }
        if let count = try settings.int("connection_count", in: 1 ... 256) {
            configuration.connectionCount = count
        }
        if let timeout = try settings.duration("connect_timeout") { configuration.connectTimeout = timeout }
        if let timeout = try settings.duration("request_timeout") { configuration.requestTimeout = timeout }
        if let interval = try settings.duration("retry_interval") { configuration.retryInterval = interval }
        if let expiry = configuration.expiry, expiry <= .zero {
            throw settings.rejection(
                of: "expiry",
                expected: "more than 0 seconds, or nothing for as long as the servers have room",
                found: try settings.string("expiry") ?? "0")
        }
        return configuration
    }
}
