// All that can be said about a store on Redis. Values that make no sense are refused when it is opened.

public import Recall

/// How a store reaches its Redis server, and what it asks of it.
public struct RedisStoreConfiguration: Sendable {
    /// One server, or a cluster of them.
    public enum Deployment: Sendable, Hashable {
        /// One server, which has the store whole.
        case single(RedisAddress)
        /// A Redis Cluster, by the addresses of some of its nodes. The store lies whole on the one master that
        /// has its slot, and moves with it.
        case cluster([RedisAddress])
    }

    /// The store's name, which is the hash tag of all its keys: 1 to 200 bytes without braces.
    public var name: String
    /// Where the store lies.
    public var deployment: Deployment
    /// Who the store is to the server; nil where it asks for no password.
    public var credentials: RedisCredentials?
    /// The number of the database, from 0. A cluster has 0 only.
    public var database = 0
    /// TLS; nil for connections in the clear.
    public var tls: RedisTLS?
    /// What the server must promise about its disk. Looked at on each new connection.
    public var durability = RedisDurability.everyWrite
    /// Whether the server's settings are looked at. Without it nothing is known of what is durable; meant for
    /// servers that forbid the command `CONFIG`, when their operator answers for the settings.
    public var isServerChecked = true
    /// How many replicas must have a commit in memory before an append returns; 0 for none.
    public var replicaAcknowledgementCount = 0
    /// How long an append waits for the replicas.
    public var replicaTimeout = Duration.seconds(1)
    /// How many connections to the server are used at most, each with a thread of its own. One more is used
    /// while somebody waits for events, and one for the last position, which is not asked for behind other calls.
    public var connectionCountMax = 8
    /// How long making a connection may take, TLS and password included.
    public var connectTimeout = Duration.seconds(5)
    /// How long the server may be silent while it takes a command or answers it. What moves may take longer: a commit of many
    /// megabytes over a slow line arrives.
    public var commandTimeout = Duration.seconds(5)
    /// How long a call is tried again, with growing pauses, while the server cannot be reached or says that it
    /// will be ready later. Counted from when the call was made: waiting for a thread or a connection is part of it. Where one
    /// attempt may take longer, a call has that time.
    public var retryDuration = Duration.seconds(30)
    /// The first pause before trying again. Each next one is twice as long, and a random part of it is waited.
    public var retryPauseFirst = Duration.milliseconds(10)
    /// The longest pause.
    public var retryPauseLongest = Duration.seconds(1)
    /// Gives events without a time of their own the moment of their commit.
    public var clock = WallClock.system
    /// The sizes that are accepted at most.
    public var limits = StoreLimits.standard
    /// Gives a number from 0 to 1, by which pauses are spread.
    package var randomUnit: @Sendable () -> Double = { Double.random(in: 0 ... 1) }

    /// A store with the given name, and the safest settings.
    /// - Parameters:
    ///   - name: the hash tag of all its keys: 1 to 200 bytes without braces.
    ///   - deployment: where it lies.
    public init(name: String, deployment: Deployment) {
        self.name = name
        self.deployment = deployment
    }

    /// A store on one server, by TCP.
    /// - Parameters:
    ///   - name: the hash tag of all its keys: 1 to 200 bytes without braces.
    ///   - host: by name or IP address.
    ///   - port: by default that of Redis, 6379.
    public init(name: String, host: String, port: UInt16 = 6379) {
        self.init(name: name, deployment: .single(.tcp(host: host, port: port)))
    }

    /// Checks what can be checked without a server.
    /// - Throws: `invalidArgument`, which names the setting.
    func check() throws(StoreError) {
        if name.isEmpty || name.utf8.count > 200 || name.contains("{") || name.contains("}") {
            throw .invalidSetting("name", "\"\(name)\"", "1 to 200 bytes without braces")
        }
        let addresses =
            switch deployment {
            case .single(let address): [address]
            case .cluster(let seeds): seeds
            }
        for case .tcp(let host, let port) in addresses where !host.isHost {
            throw .invalidSetting(
                "deployment", "\(RedisAddress.tcp(host: host, port: port))",
                "a host by name or IP address and no URL, with user and password in credentials and TLS in tls"
            )
        }
        if case .cluster(let seeds) = deployment {
            if seeds.isEmpty {
                throw .invalidSetting("deployment", "a cluster without nodes", "some addresses")
            }
            for case .unix(let path) in seeds {
                throw .invalidSetting(
                    "deployment", "\(path)", "hosts and ports, as the nodes know each other by")
            }
            if database != 0 {
                throw .invalidSetting("database", "\(database)", "0, the only one of a cluster")
            }
        }
        if database < 0 { throw .invalidSetting("database", "\(database)", "a number from 0") }
        if !(1 ... 1_000).contains(connectionCountMax) {
            throw .invalidSetting("connectionCountMax", "\(connectionCountMax)", "a number from 1 to 1,000")
        }
        if !(0 ... 1_000).contains(replicaAcknowledgementCount) {
            throw .invalidSetting(
                "replicaAcknowledgementCount", "\(replicaAcknowledgementCount)", "a number from 0 to 1,000")
        }
        let durations = [
            ("replicaTimeout", replicaTimeout), ("connectTimeout", connectTimeout),
            ("commandTimeout", commandTimeout), ("retryPauseFirst", retryPauseFirst),
            ("retryPauseLongest", retryPauseLongest),
        ]
        for (setting, value) in durations where !(.milliseconds(1) ... .seconds(86_400)).contains(value) {
            throw .invalidSetting(setting, "\(value)", "a duration from 1 millisecond to a day")
        }
        if !(.zero ... .seconds(86_400)).contains(retryDuration) {
            throw .invalidSetting("retryDuration", "\(retryDuration)", "a duration of at most a day")
        }
        if let tls, (tls.certificatePath == nil) != (tls.keyPath == nil) {
            throw .invalidSetting("tls", "a certificate without its key, or a key alone", "both or neither")
        }
    }
}

extension StoreError {
    fileprivate static func invalidSetting(_ name: String, _ found: String, _ remedy: String) -> StoreError {
        StoreError(
            .invalidArgument, "The setting \(name) of the store on Redis is \(found); use \(remedy).")
    }
}
