// One connection of rabbitmq-c with one channel in confirm mode. It blocks and belongs to one thread. After an error it is of no
// use any more: what was not confirmed may have arrived or not, and is published again on the next one.
//
// Invariant: nothing waits longer than the configuration says. Connecting has a deadline in rabbitmq-c (but for looking up the host's
// name, which is the system's); everything behind it is done under an `AMQPTimeLimit`.

internal import CRabbitMQ

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import Recall

/// A connection to a broker, signed in, with the exchange declared.
final class AMQPConnection {
    let state: amqp_connection_state_t
    let configuration: AMQPConfiguration
    /// The number of the next message that is published, by which the broker confirms it.
    var tagNext: UInt64 = 1
    /// Why the broker takes nothing from this connection now, in its words; nil where it does. It says so when the first message
    /// comes that it does not want.
    var blockedReason: String?
    /// There from when the socket is connected.
    private var limit: AMQPTimeLimit?
    private var isOpen = false
    private var isClosed = false

    static let channel: amqp_channel_t = 1

    /// The largest frame that the broker takes.
    var frameBytesMax: Int { Int(amqp_get_frame_max(state)) }

    /// - Throws: `AMQPError`, transient always: no event is at fault when there is no connection.
    init(_ configuration: AMQPConfiguration) throws(AMQPError) {
        guard let state = amqp_new_connection() else {
            throw AMQPError(
                "rabbitmq-c could not make a connection: free some memory.", isTransient: true)
        }
        self.state = state
        self.configuration = configuration
        // From here on `deinit` gives back what was made.
        try open()
    }

    deinit {
        limit?.end(isAborted: !isClosed)
        amqp_destroy_connection(state)
    }

    /// Says good-bye, so that the broker does not report a client that went away. Waits for `connectTimeout` at most, and not at all
    /// for a broker that does not listen.
    func close() {
        guard isOpen, blockedReason == nil else { return }
        isOpen = false
        try? within(configuration.connectTimeout) {
            let reply = amqp_connection_close(state, 200)
            isClosed = reply.reply_type == AMQP_RESPONSE_NORMAL
        }
    }

    /// Does something that may wait, for a time at most.
    func within<Value>(
        _ time: Duration, _ body: () throws(AMQPError) -> Value
    ) throws(AMQPError) -> Value {
        guard let limit else {
            throw AMQPError(
                "There is no connection to the broker at \(configuration.place).", isTransient: true)
        }
        do throws(AMQPError) {
            return try limit.until(ContinuousClock.now + time, body)
        } catch {
            guard limit.hasPassed else { throw error }
            throw silence(for: time)
        }
    }

    /// What is said of a broker that does not read or answer.
    func silence(for time: Duration) -> AMQPError {
        let reason =
            blockedReason.map { "blocks publishers (\"\($0)\"): give it memory or disk space" }
            ?? "may be out of memory or disk space, or cut off"
        return AMQPError(
            "The broker at \(configuration.place) took or confirmed nothing for \(time) and \(reason); it is tried again.",
            isTransient: true)
    }

    private func open() throws(AMQPError) {
        var timeout = timeval(configuration.connectTimeout)
        let what = "connect to the broker at \(configuration.place)"
        let socket = try makeSocket()
        try check(amqp_set_handshake_timeout(state, &timeout), what)
        try check(amqp_set_rpc_timeout(state, &timeout), what)
        try check(
            amqp_socket_open_noblock(socket, configuration.host, Int32(configuration.port), &timeout), what)
        limit = try AMQPTimeLimit(of: amqp_get_sockfd(state))
        try within(configuration.connectTimeout) { () throws(AMQPError) in try signIn() }
        isOpen = true
    }

    private func signIn() throws(AMQPError) {
        try check(
            recall_amqp_login(
                state, configuration.virtualHost, Int32(AMQPMessage.frameBytesMax),
                Int32(configuration.heartbeatSeconds), configuration.credentials.user,
                configuration.credentials.password),
            "sign in as \(configuration.credentials.user) to the virtual host \(configuration.virtualHost) of the broker at \(configuration.place)"
        )
        _ = amqp_channel_open(state, Self.channel)
        try check(amqp_get_rpc_reply(state), "open a channel to the broker at \(configuration.place)")
        try declareExchange()
        _ = amqp_confirm_select(state, Self.channel)
        try check(
            amqp_get_rpc_reply(state), "ask the broker at \(configuration.place) for confirmations")
    }

    private func makeSocket() throws(AMQPError) -> OpaquePointer {
        let what = "connect to the broker at \(configuration.place)"
        guard let tls = configuration.tls else {
            guard let socket = amqp_tcp_socket_new(state) else {
                throw AMQPError("Could not \(what): no socket was made.", isTransient: true)
            }
            return socket
        }
        guard let socket = amqp_ssl_socket_new(state) else {
            throw AMQPError("Could not \(what): no TLS socket was made.", isTransient: true)
        }
        amqp_ssl_socket_set_verify_peer(socket, 1)
        amqp_ssl_socket_set_verify_hostname(socket, tls.isHostVerified ? 1 : 0)
        _ = amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST)
        try check(
            amqp_ssl_socket_set_cacert(socket, tls.authorityPath),
            "read the certificates of \(tls.authorityPath)")
        if let certificate = tls.clientCertificatePath, let key = tls.clientKeyPath {
            try check(
                amqp_ssl_socket_set_key(socket, certificate, key), "read the client's key \(key)")
        }
        return socket
    }

    private func declareExchange() throws(AMQPError) {
        let texts = AMQPBytes()
        let exchange = configuration.exchange
        _ = amqp_exchange_declare(
            state, Self.channel, texts.bytes(exchange.name), texts.bytes(exchange.kind),
            exchange.isDeclared ? 0 : 1, exchange.isDurable ? 1 : 0, 0, 0,
            amqp_table_t(num_entries: 0, entries: nil))
        try check(
            amqp_get_rpc_reply(state),
            "declare the exchange \"\(exchange.name)\" at the broker at \(configuration.place)")
    }

    // MARK: Errors

    func check(_ status: Int32, _ what: @autoclosure () -> String) throws(AMQPError) {
        if status != AMQP_STATUS_OK.rawValue { throw failure(status, what()) }
    }

    func failure(_ status: Int32, _ what: String) -> AMQPError {
        let reason = amqp_error_string2(status).map { String(cString: $0) } ?? "error \(status)"
        return AMQPError(
            "Could not \(what): \(reason); it is tried again.", isTransient: true)
    }

    private func check(_ reply: amqp_rpc_reply_t, _ what: @autoclosure () -> String) throws(AMQPError) {
        switch reply.reply_type {
        case AMQP_RESPONSE_NORMAL: return
        case AMQP_RESPONSE_SERVER_EXCEPTION:
            var error = serverError(reply.reply, what())
            // A login or a declaration that is refused is no event's fault.
            error.isTransient = true
            throw error
        case AMQP_RESPONSE_LIBRARY_EXCEPTION: throw failure(reply.library_error, what())
        default:
            throw AMQPError("Could not \(what()): the broker hung up; it is tried again.", isTransient: true)
        }
    }

    /// What a broker says when it closes a channel or a connection.
    func serverError(_ method: amqp_method_t, _ what: String) -> AMQPError {
        let code: Int
        let text: String
        switch method.id {
        case UInt32(RECALL_AMQP_CHANNEL_CLOSE.rawValue):
            let close = method.decoded.assumingMemoryBound(to: amqp_channel_close_t.self).pointee
            (code, text) = (Int(close.reply_code), String(close.reply_text))
        case UInt32(RECALL_AMQP_CONNECTION_CLOSE.rawValue):
            let close = method.decoded.assumingMemoryBound(to: amqp_connection_close_t.self).pointee
            (code, text) = (Int(close.reply_code), String(close.reply_text))
            isOpen = false
        default:
            return AMQPError(
                "Could not \(what): the broker gave an answer that is not known.", isTransient: true)
        }
        // Content too large, access refused, precondition failed: this message, and no other, is not wanted.
        let isRefusal =
            [311, 403, 406].contains(code) && method.id == UInt32(RECALL_AMQP_CHANNEL_CLOSE.rawValue)
        return AMQPError(
            "Could not \(what): the broker says \"\(text)\" (\(code)).", replyCode: code,
            isTransient: !isRefusal)
    }
}

extension timeval {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.init()
        tv_sec = time_t(clamping: max(0, seconds))
        tv_usec = seconds < 0 ? 0 : suseconds_t(max(0, attoseconds / 1_000_000_000_000))
    }
}
