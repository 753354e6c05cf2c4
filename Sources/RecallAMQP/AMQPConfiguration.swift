// What an application chooses for events that go to a broker.

public import Logging
public import Recall

/// Who signs in. The password is never part of a description, a message or a log.
public struct AMQPCredentials: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The user's name.
    public var user: String
    /// The password, which only the login sees.
    public var password: String

    /// A user with a password.
    public init(user: String, password: String) {
        self.user = user
        self.password = password
    }

    /// The user, and no password.
    public var description: String { "AMQPCredentials(user: \(user), password: not shown)" }
    /// The user, and no password.
    public var debugDescription: String { description }
    /// The user, and no password.
    public var customMirror: Mirror { Mirror(self, children: ["user": user]) }
}

/// How a connection is encrypted.
public struct AMQPTLS: Hashable, Sendable {
    /// The file of certificates (PEM) that the broker's is checked against.
    public var authorityPath: String
    /// The files (PEM) of the client's own certificate and key, where the broker asks for one.
    public var clientCertificatePath: String?
    /// The client's key.
    public var clientKeyPath: String?
    /// Whether the certificate must name the host that was connected to. rabbitmq-c compares names only: a broker whose host is given as an
    /// IP address needs a certificate with that address as a DNS name or common name, and not as an IP address. Switch it off only
    /// where the certificate cannot name the host.
    public var isHostVerified = true

    /// A broker's certificate is always checked against the authorities of a file.
    public init(authorityPath: String) { self.authorityPath = authorityPath }
}

/// The exchange that messages are published to.
public struct AMQPExchange: Hashable, Sendable {
    /// Its name; not empty.
    public var name: String
    /// Its kind: `topic`, `direct`, `fanout`, `headers`, or one that a plug-in brings.
    public var kind = "topic"
    /// Whether it outlives the broker.
    public var isDurable = true
    /// Whether it is declared after connecting, and so made where it is missing. Otherwise it must be there.
    public var isDeclared = true

    /// A durable topic exchange that is made where it is missing.
    public init(name: String) { self.name = name }
}

/// The choices of a router to a broker.
public struct AMQPConfiguration: Sendable, CustomReflectable {
    /// Everything but the password, and but what stands before an `@` in the place of a host.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "place": place, "credentials": credentials, "tls": tls as Any, "virtualHost": virtualHost,
                "exchange": exchange, "source": source, "isMandatory": isMandatory,
                "connectTimeout": connectTimeout, "confirmTimeout": confirmTimeout, "heartbeat": heartbeat,
                "backOff": backOff,
            ])
    }

    /// The broker's name or address.
    public var host: String
    /// Its port; 5672 by itself, 5671 with TLS.
    public var port: UInt16
    /// Who signs in.
    public var credentials: AMQPCredentials
    /// How the connection is encrypted; nil for not at all.
    public var tls: AMQPTLS?
    /// The virtual host.
    public var virtualHost = "/"
    /// Where messages go.
    public var exchange = AMQPExchange(name: "recall")
    /// The attribute `source` of each CloudEvent: a URI reference that names the application.
    public var source = "/recall"
    /// Whether a message that no queue gets is returned, and its event refused. Without, the broker drops it and confirms: right where
    /// nobody has to listen.
    public var isMandatory = false
    /// How long to wait for the connection, and then for the login and the declaration together, and when closing for the broker's
    /// good-bye; from a millisecond to a day.
    public var connectTimeout = Duration.seconds(5)
    /// How long to wait for the broker to take and confirm what was published; from a millisecond to a day. Holds for a broker that
    /// reads nothing, too.
    public var confirmTimeout = Duration.seconds(30)
    /// How often the broker and the client tell each other that they are there, in whole seconds up to 65,535; 0 for never. It finds
    /// a connection that broke while nothing was published; what waits is bounded by the times above with and without it.
    public var heartbeat = Duration.seconds(30)
    /// How long a broker that could not be reached is left alone: events fail at once until then.
    public var backOff = BackOff(first: .milliseconds(50), max: .seconds(5))
    /// Hears of connections that are made and lost.
    public var logger = Logger(label: "recall.amqp")

    /// A broker, with safe choices for the rest.
    /// - Parameters:
    ///   - port: nil for the port that belongs to TLS or its absence.
    public init(
        host: String, port: UInt16? = nil, credentials: AMQPCredentials, tls: AMQPTLS? = nil
    ) {
        self.host = host
        self.port = port ?? (tls == nil ? 5672 : 5671)
        self.credentials = credentials
        self.tls = tls
    }

    /// What the broker is called in messages.
    var place: String { "\(host.withoutCredentials):\(port)" }

    /// - Throws: `invalidArgument` where a choice makes no sense.
    func check() throws(StoreError) {
        let texts = [
            ("host", host, 1 ... 255), ("virtual host", virtualHost, 1 ... 127),
            ("exchange", exchange.name, 1 ... 127),
            ("kind of exchange", exchange.kind, 1 ... 127), ("source", source, 1 ... 1024),
            ("user", credentials.user, 0 ... 255), ("password", credentials.password, 0 ... 4096),
        ]
        for (name, text, sizes) in texts {
            // A zero byte would end the text on its way through C.
            guard sizes.contains(text.utf8.count), !text.utf8.contains(0) else {
                throw StoreError(
                    .invalidArgument,
                    "The \(name) of an AMQP router must have \(sizes.lowerBound) to \(sizes.upperBound) bytes of text, and no zero among them."
                )
            }
        }
        guard host.isHost else {
            throw StoreError(
                .invalidArgument,
                "The host of an AMQP router is \(host.withoutCredentials); use a name or an IP address and no URL, with user and password in credentials and the virtual host in virtualHost."
            )
        }
        let times = Duration.milliseconds(1) ... .seconds(24 * 3600)
        guard port > 0, times.contains(confirmTimeout), times.contains(connectTimeout) else {
            throw StoreError(
                .invalidArgument,
                "An AMQP router needs a port, and from a millisecond to a day to connect and to wait for confirmations."
            )
        }
        guard heartbeat == .seconds(heartbeatSeconds) else {
            throw StoreError(
                .invalidArgument,
                "The heartbeat of an AMQP router is a number of whole seconds from 0, for none, to 65,535; \(heartbeat) is none."
            )
        }
    }

    /// What the protocol has for the heartbeat.
    var heartbeatSeconds: Int { Int(min(max(heartbeat.components.seconds, 0), 65_535)) }
}
