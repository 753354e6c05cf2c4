// What an application chooses for snapshots in Memcached.

public import Logging
public import Recall

/// A server of Memcached.
public struct MemcachedServer: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// Host and port, without what may be a password where somebody gave a URL.
    public var description: String { "\(host.withoutCredentials):\(port)" }
    /// The same as `description`.
    public var customMirror: Mirror { Mirror(self, children: ["server": description]) }
    /// Its name or address.
    public var host: String
    /// Its TCP port.
    public var port: UInt16

    /// A server; on the port that Memcached uses by itself unless another is given.
    public init(host: String, port: UInt16 = 11_211) {
        self.host = host
        self.port = port
    }
}

/// The choices of a snapshot store in Memcached.
public struct MemcachedConfiguration: Sendable {
    /// The servers, among which snapshots are spread by consistent hashing (ketama): where one is added or taken away, most
    /// snapshots stay where they are. Every client names them all alike.
    public var servers: [MemcachedServer]
    /// What every key begins with, so that several applications can share servers: 1 to 64 letters, digits, `-`, `_` and `.`.
    public var namespace = "recall"
    /// How long a snapshot is kept after it was saved; nil for as long as the server has room. Whole seconds, rounded up.
    public var expiry: Duration?
    /// How large an item the servers take, in bytes: their option `-I`. A snapshot that is larger is divided.
    public var itemBytesMax = 1 << 20
    /// How large a snapshot's payload may be, in bytes; a larger one is refused with `limitExceeded`.
    public var payloadBytesMax = 64 << 20
    /// How many requests are under way at the same time, each on a thread and connections of its own.
    public var connectionCount = 4
    /// How long to wait for a connection.
    public var connectTimeout = Duration.milliseconds(500)
    /// How long to wait for an answer. Whoever waits for a thread waits for this and `connectTimeout` together, and goes without a
    /// snapshot then.
    public var requestTimeout = Duration.seconds(1)
    /// How long a server that failed is left alone, by all connections of the store: until then its snapshots are missing at once.
    /// After it one request tries the server, and the others pass it by until that has ended.
    public var retryInterval = Duration.seconds(2)
    /// How often at most the logger hears of servers that fail; each time where it is zero.
    public var logInterval = Duration.seconds(10)
    /// The time by which `logInterval` and long expiries are counted.
    public var clock = WallClock.system
    /// By which servers are left alone.
    package var now: @Sendable () -> ContinuousClock.Instant = { .now }
    /// Hears of servers that fail and of values that are none.
    public var logger = Logger(label: "recall.memcached")

    /// Safe choices for these servers.
    public init(servers: [MemcachedServer]) { self.servers = servers }

    /// How many bytes of a snapshot one item gets. The rest is for the key and what the server adds: it stores both in the item.
    var partBytesMax: Int { itemBytesMax - 1024 }

    /// - Throws: `invalidArgument` where a choice makes no sense.
    func check() throws(StoreError) {
        func refuse(_ reason: String) -> StoreError { StoreError(.invalidArgument, reason) }
        guard !servers.isEmpty, servers.allSatisfy({ !$0.host.isEmpty && $0.port > 0 }) else {
            throw refuse("Snapshots in Memcached need at least one server, each with a host and a port.")
        }
        if let server = servers.first(where: { !$0.host.isHost }) {
            throw refuse(
                "The server \(server) of snapshots in Memcached is none: use a name or an IP address and a port, and no URL."
            )
        }
        let isPlain = namespace.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a") ... UInt8(ascii: "z"), UInt8(ascii: "A") ... UInt8(ascii: "Z"),
                UInt8(ascii: "0") ... UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard isPlain, (1 ... 64).contains(namespace.utf8.count) else {
            throw refuse(
                "The namespace \"\(namespace)\" cannot begin keys of Memcached: use 1 to 64 letters, digits, -, _ and ."
            )
        }
        if let expiry, expiry <= .zero {
            throw refuse(
                "An expiry of \(expiry) keeps no snapshot: set expiry to more than 0 seconds, or to nil for as long as the servers have room."
            )
        }
        let times = Duration.milliseconds(1) ... .seconds(24 * 3600)
        for (name, time) in [
            ("connectTimeout", connectTimeout), ("requestTimeout", requestTimeout),
            ("retryInterval", retryInterval),
        ] where !times.contains(time) {
            throw refuse("The \(name) of snapshots in Memcached is \(time); use a millisecond to a day.")
        }
        guard itemBytesMax >= 2048, itemBytesMax <= 1 << 30 else {
            throw refuse(
                "Items of \(itemBytesMax) bytes cannot hold snapshots: set itemBytesMax to what the servers' option -I says, from 2 KiB to 1 GiB."
            )
        }
        guard payloadBytesMax >= 0, payloadBytesMax <= 1 << 30, (1 ... 256).contains(connectionCount) else {
            throw refuse(
                "A payload of up to 1 GiB and 1 to 256 connections are possible, not \(payloadBytesMax) bytes and \(connectionCount) connections."
            )
        }
    }

    /// The expiry as Memcached takes it: 0 for none, seconds from now on, or a moment where they are more than 30 days.
    var expirySeconds: Int {
        guard let expiry else { return 0 }
        let seconds = Int(clamping: max(1, expiry.secondsRoundedUp))
        let thirtyDays = 30 * 24 * 3600
        return seconds <= thirtyDays
            ? seconds : Int(clamping: clock.now().microsecondsSince1970 / 1_000_000).saturatingAdd(seconds)
    }
}

extension Duration {
    var secondsRoundedUp: Int64 {
        let (seconds, attoseconds) = components
        return attoseconds > 0 ? seconds + 1 : seconds
    }

    /// Whole microseconds, none where the time is negative.
    var microseconds: Int64 {
        let (seconds, attoseconds) = components
        // A hundred thousand years are as good as for ever, and can be counted.
        let bounded = max(0, min(seconds, 3_000_000_000_000))
        return max(0, bounded * 1_000_000 + attoseconds / 1_000_000_000_000)
    }

    /// Whole milliseconds, at least 1.
    var millisecondsAtLeastOne: UInt64 {
        let (seconds, attoseconds) = components
        let (product, didOverflow) = seconds.multipliedReportingOverflow(by: 1000)
        return didOverflow ? UInt64(Int32.max) : UInt64(max(1, product + attoseconds / 1_000_000_000_000_000))
    }
}

extension Int {
    fileprivate func saturatingAdd(_ other: Int) -> Int {
        let (sum, didOverflow) = addingReportingOverflow(other)
        return didOverflow ? .max : sum
    }
}
