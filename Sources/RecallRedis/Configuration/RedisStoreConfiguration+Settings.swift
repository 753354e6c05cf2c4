// A store on Redis as a configuration file describes it.

internal import Recall

extension RedisStoreConfiguration {
    /// The settings that a file may have.
    static let settingNames: [SettingName] = [
        "store", "address", "cluster", "user", .secret("password"), "database", "tls", "tls_authority_file",
        "tls_server_name", "tls_is_verifying", "tls_certificate_file", "tls_key_file", "durability",
        "is_server_checked", "replica_acknowledgement_count", "replica_timeout", "connection_count_max",
        "connect_timeout", "command_timeout", "retry_duration",
    ]

    /// - Throws: the settings' errors for a value that is missing or makes no sense.
    init(from settings: any StoreSettings) throws {
        self.init(
            name: try settings.string("store") ?? settings.name, deployment: try Self.deployment(settings))
        if let password = try settings.string("password") {
            credentials = RedisCredentials(user: try settings.string("user"), password: password)
        } else if let user = try settings.string("user") {
            throw settings.rejection(of: "user", expected: "a password beside it", found: user)
        }
        if let number = try settings.int("database", in: 0 ... 1_000_000) { database = number }
        tls = try Self.tls(settings)
        switch try settings.choice("durability", of: ["every_write", "every_second", "none"]) {
        case "every_second": durability = .everySecond
        case "none": durability = .none
        default: durability = .everyWrite
        }
        if let isChecked = try settings.bool("is_server_checked") { isServerChecked = isChecked }
        if let count = try settings.int("replica_acknowledgement_count", in: 0 ... 1_000) {
            replicaAcknowledgementCount = count
        }
        if let duration = try settings.duration("replica_timeout") { replicaTimeout = duration }
        if let count = try settings.int("connection_count_max", in: 1 ... 1_000) {
            connectionCountMax = count
        }
        if let duration = try settings.duration("connect_timeout") { connectTimeout = duration }
        if let duration = try settings.duration("command_timeout") { commandTimeout = duration }
        if let duration = try settings.duration("retry_duration") { retryDuration = duration }
    }

    private static func deployment(_ settings: any StoreSettings) throws -> Deployment {
        let address = try settings.string("address")
        if let nodes = try settings.strings("cluster") {
            if let address {
                throw settings.rejection(
                    of: "address", expected: "no address beside the nodes of a cluster",
                    found: address.withoutCredentials)
            }
            return .cluster(try nodes.map { try self.address($0, "cluster", settings) })
        }
        return .single(try self.address(address ?? settings.requiredString("address"), "address", settings))
    }

    /// `host`, `host:port`, `[IPv6]:port`, or the path of a socket, which begins with a slash.
    private static func address(
        _ text: String, _ name: String, _ settings: any StoreSettings
    ) throws -> RedisAddress {
        if text.hasPrefix("/") { return .unix(path: text) }
        guard let address = ServerAddress(text, defaultPort: 6379) else {
            throw settings.rejection(
                of: name,
                expected:
                    "a host and port such as redis.internal:6379, or the path of a socket, and no URL: user, password, tls and database are settings of their own",
                found: text.withoutCredentials)
        }
        return .tcp(host: address.host, port: address.port)
    }

    private static func tls(_ settings: any StoreSettings) throws -> RedisTLS? {
        var tls = RedisTLS(
            authorityPath: try settings.string("tls_authority_file"),
            serverName: try settings.string("tls_server_name"))
        if let isVerifying = try settings.bool("tls_is_verifying") { tls.isVerifying = isVerifying }
        tls.certificatePath = try settings.string("tls_certificate_file")
        tls.keyPath = try settings.string("tls_key_file")
        if try settings.bool("tls") == true { return tls }
        // A file that names a certificate and connects in the clear would promise what nobody keeps.
        if tls != RedisTLS() {
            throw settings.rejection(
                of: "tls", expected: "true, since other settings of TLS are given", found: "nothing")
        }
        return nil
    }
}
