// TLS over a socket. OpenSSL works on buffers in memory, and the bytes go through the same calls of the socket as
// those of a connection in the clear: deadlines, interruption and lost connections are one path.

internal import COpenSSL
internal import Recall

/// One connection's TLS. Used by one thread at a time, as its connection is.
final class TLSSession {
    private let session: OpaquePointer
    private let socket: Socket
    /// What came from the socket and goes to OpenSSL, and the other way round. Owned by the session.
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer

    /// Shakes hands with the server.
    /// - Throws: a `store` failure where the server's certificate is not trusted, since trying again cannot help; a
    ///   `connection` failure otherwise.
    init(
        _ context: TLSContext, over socket: Socket, to address: RedisAddress, until deadline: Deadline
    ) throws(RedisFailure) {
        guard let session = SSL_new(context.pointer), let incoming = BIO_new(BIO_s_mem()),
            let outgoing = BIO_new(BIO_s_mem())
        else { throw .connection("OpenSSL gave no session: \(TLSContext.reason())", mayHaveRun: false) }
        SSL_set_bio(session, incoming, outgoing)
        self.session = session
        self.socket = socket
        self.incoming = incoming
        self.outgoing = outgoing
        try expectName(context.settings, address)
        SSL_set_connect_state(session)
        while true {
            ERR_clear_error()
            let result = SSL_do_handshake(session)
            let problem = SSL_get_error(session, result)
            // An alert goes to the server also where the handshake failed.
            try flush(until: deadline)
            if result == 1 { return }
            guard problem == SSL_ERROR_WANT_READ else { throw handshakeFailure(with: address) }
            guard try fill(until: deadline) else {
                throw .connection("the server ended the connection in the middle of TLS", mayHaveRun: false)
            }
        }
    }

    deinit { SSL_free(session) }

    private func expectName(_ settings: RedisTLS, _ address: RedisAddress) throws(RedisFailure) {
        var name = settings.serverName
        if name == nil, case .tcp(let host, _) = address { name = host }
        guard let name else {
            if !settings.isVerifying { return }
            throw .store(
                StoreError(
                    .invalidArgument,
                    "TLS over the socket \(address) has no host to verify; set serverName to the name in the server's certificate."
                ))
        }
        let isIP = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), name) == 1
        if !isIP {
            _ = recall_ssl_set_server_name(session, name)
            _ = SSL_set1_host(session, name)
        }
        ERR_clear_error()
    }

    private func handshakeFailure(with address: RedisAddress) -> RedisFailure {
        let verdict = SSL_get_verify_result(session)
        if verdict != X509_V_OK, let text = X509_verify_cert_error_string(verdict) {
            return .store(
                StoreError(
                    .unavailable,
                    "The server \(address) has a certificate that is not trusted: \(String(cString: text)); check authorityPath and serverName of the TLS settings, and the certificate."
                ))
        }
        return .connection("TLS failed: \(TLSContext.reason())", mayHaveRun: false)
    }

    /// Reads what is there, and waits until something is.
    /// - Returns: how many bytes were read; 0 at the end of the stream; nil when the deadline passed first.
    func read(
        into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline
    ) throws(RedisFailure) -> Int? {
        while true {
            ERR_clear_error()
            let count = SSL_read(session, buffer.baseAddress, Int32(clamping: buffer.count))
            if count > 0 { return Int(count) }
            switch SSL_get_error(session, count) {
            case SSL_ERROR_ZERO_RETURN: return 0
            case SSL_ERROR_WANT_READ:
                try flush(until: deadline)
                guard let hasMore = try fillOrNil(until: deadline) else { return nil }
                if !hasMore { return 0 }
            default: throw .connection("TLS failed: \(TLSContext.reason())", mayHaveRun: true)
            }
        }
    }

    /// Writes everything.
    func write(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline) throws(RedisFailure) {
        var offset = 0
        var deadline = deadline
        while offset < bytes.count {
            // Encrypted and sent piece by piece, so that memory does not grow with a large commit.
            let piece = UnsafeRawBufferPointer(rebasing: bytes[offset ..< min(offset + 65_536, bytes.count)])
            ERR_clear_error()
            let count = SSL_write(session, piece.baseAddress, Int32(piece.count))
            if count > 0 {
                offset += Int(count)
                try flush(until: deadline)
                deadline.noteProgress()
                continue
            }
            guard SSL_get_error(session, count) == SSL_ERROR_WANT_READ, try fill(until: deadline) else {
                throw .connection("TLS failed: \(TLSContext.reason())", mayHaveRun: true)
            }
        }
    }

    /// Sends what OpenSSL has to say.
    private func flush(until deadline: Deadline) throws(RedisFailure) {
        while BIO_ctrl_pending(outgoing) > 0 {
            var buffer = [UInt8](repeating: 0, count: 32_768)
            let count = BIO_read(outgoing, &buffer, Int32(buffer.count))
            if count <= 0 { return }
            let failure = buffer.withUnsafeBytes { bytes -> RedisFailure? in
                do throws(RedisFailure) {
                    try socket.write(
                        UnsafeRawBufferPointer(rebasing: bytes[..<Int(count)]), until: deadline)
                    return nil
                } catch {
                    return error
                }
            }
            if let failure { throw failure }
        }
    }

    /// - Returns: false at the end of the stream.
    private func fill(until deadline: Deadline) throws(RedisFailure) -> Bool {
        guard let hasMore = try fillOrNil(until: deadline) else {
            throw .connection("the server took too long", mayHaveRun: true)
        }
        return hasMore
    }

    /// Gives OpenSSL what the server sent.
    /// - Returns: false at the end of the stream; nil when the deadline passed first.
    private func fillOrNil(until deadline: Deadline) throws(RedisFailure) -> Bool? {
        let result = withUnsafeTemporaryAllocation(byteCount: 32_768, alignment: 16) {
            buffer -> Result<Int?, RedisFailure> in
            do throws(RedisFailure) {
                let count = try socket.read(into: buffer, until: deadline)
                if let count, count > 0 { BIO_write(incoming, buffer.baseAddress, Int32(count)) }
                return .success(count)
            } catch {
                return .failure(error)
            }
        }
        guard let count = try result.get() else { return nil }
        return count > 0
    }
}
