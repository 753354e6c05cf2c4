// A broker that a configuration file names.

public import Recall

extension AMQPEventRouter: Configurable {
    /// `amqp`.
    public static var kind: String { "amqp" }

    /// `address` (`host` or `host:port`), `user` and `password`; the rest are those of `AMQPConfiguration`: `virtual_host`,
    /// `exchange`, `exchange_kind`, `is_exchange_durable`, `is_exchange_declared`, `source`, `is_mandatory`,
    /// `connect_timeout`, `confirm_timeout` and `heartbeat`; for TLS `tls_authority_file`, `tls_certificate_file`,
    /// `tls_key_file` and `tls_is_host_verified`.
    public static var settingNames: [SettingName] {
        [
            "address", "user", .secret("password"), "virtual_host", "exchange", "exchange_kind",
            "is_exchange_durable", "is_exchange_declared", "source", "is_mandatory", "connect_timeout",
            "confirm_timeout", "heartbeat", "tls_authority_file", "tls_certificate_file", "tls_key_file",
            "tls_is_host_verified",
        ]
    }

    /// A router to the broker that the settings name. It connects when the first events come, and is closed with the
    /// settings.
    /// - Throws: the settings' errors, or those of `init(_:)`.
    public static func make(from settings: any StoreSettings) async throws -> AMQPEventRouter {
        let router = try AMQPEventRouter(configuration(from: settings))
        await settings.onClose { router.close() }
        return router
    }

    /// Checks the settings, and connects to no broker.
    /// - Throws: the settings' errors, or those of `init(_:)`.
    public static func check(_ settings: any StoreSettings) throws {
        try configuration(from: settings).check()
    }

    private static func configuration(from settings: any StoreSettings) throws -> AMQPConfiguration {
        let tls = try tls(from: settings)
        guard let address = try settings.address("address", defaultPort: tls == nil ? 5672 : 5671) else {
            throw settings.rejection(
                of: "address", expected: "a broker such as localhost:5672", found: "nothing")
        }
        var configuration = AMQPConfiguration(
            host: address.host, port: address.port,
            credentials: AMQPCredentials(
                user: try settings.requiredString("user"), password: try settings.requiredString("password")),
            tls: tls)
        configuration.exchange = try exchange(from: settings)
        if let host = try settings.string("virtual_host") { configuration.virtualHost = host }
        if let source = try settings.string("source") { configuration.source = source }
        if let isMandatory = try settings.bool("is_mandatory") { configuration.isMandatory = isMandatory }
        if let timeout = try settings.duration("connect_timeout") { configuration.connectTimeout = timeout }
        if let timeout = try settings.duration("confirm_timeout") { configuration.confirmTimeout = timeout }
        if let heartbeat = try settings.duration("heartbeat") { configuration.heartbeat = heartbeat }
        return configuration
    }

    private static func exchange(from settings: any StoreSettings) throws -> AMQPExchange {
        var exchange = AMQPExchange(name: try settings.string("exchange") ?? "recall")
        if let kind = try settings.string("exchange_kind") { exchange.kind = kind }
        if let isDurable = try settings.bool("is_exchange_durable") { exchange.isDurable = isDurable }
        if let isDeclared = try settings.bool("is_exchange_declared") { exchange.isDeclared = isDeclared }
        return exchange
    }

    private static func tls(from settings: any StoreSettings) throws -> AMQPTLS? {
        let certificate = try settings.string("tls_certificate_file")
        let key = try settings.string("tls_key_file")
        let isVerified = try settings.bool("tls_is_host_verified")
        guard let authority = try settings.string("tls_authority_file") else {
            // Who names a certificate and connects in the clear has made a mistake.
            if certificate != nil || key != nil || isVerified != nil {
                throw settings.rejection(
                    of: "tls_authority_file", expected: "a file, since other settings of TLS are given",
                    found: "nothing")
            }
            return nil
        }
        var tls = AMQPTLS(authorityPath: authority)
        tls.clientCertificatePath = certificate
        tls.clientKeyPath = key
        tls.isHostVerified = isVerified ?? true
        return tls
    }
}
