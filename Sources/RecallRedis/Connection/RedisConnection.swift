// A connection to one server: commands go out, answers come in, in order. It knows nothing of the store.

/// A connection, which has answered all that it was asked unless it is broken.
///
/// `@unchecked Sendable`: it goes from thread to thread, and the pool lends it to one at a time.
final class RedisConnection: @unchecked Sendable {
    let address: RedisAddress
    /// For other threads, to interrupt whoever waits for an answer.
    let socket: Socket
    private let tls: TLSSession?
    private var reader: ReplyReader
    private let commandTimeout: Duration
    /// Whether an answer is missing or was not understood: the next one would be taken for it.
    private(set) var isBroken = false
    /// Whether each command is about a slot that is just moving to this server.
    var isAsking = false

    /// Connects, with TLS where a context is given.
    init(
        to address: RedisAddress, tls context: TLSContext?, commandTimeout: Duration, until deadline: Deadline
    ) throws(RedisFailure) {
        reader = try ReplyReader()
        let socket = try Socket.connect(to: address, until: deadline)
        self.address = address
        self.socket = socket
        self.commandTimeout = commandTimeout
        if let context {
            tls = try TLSSession(context, over: socket, to: address, until: deadline)
        } else {
            tls = nil
        }
    }

    /// Sends a command and waits for its answer, for as long as a command may take.
    /// - Parameter extra: what it may take beyond that, since the server is asked to wait.
    /// - Throws: `server` where the answer is an error.
    func call(_ command: RedisCommand, extra: Duration = .zero) throws(RedisFailure) -> RedisReply {
        let deadline = Deadline.after(commandTimeout + extra)
        if isAsking { _ = try exchange(RedisCommand("ASKING"), until: deadline) }
        return try exchange(command, until: deadline)
    }

    /// Sends a command and waits for its answer.
    func exchange(_ command: RedisCommand, until deadline: Deadline) throws(RedisFailure) -> RedisReply {
        let reply: RedisReply
        do throws(RedisFailure) {
            try send(command, until: deadline)
            reply = try receive(until: deadline)
        } catch {
            isBroken = true
            throw error
        }
        if case .error(let error) = reply {
            // A master that has become a replica would go on answering what is read on old connections.
            if error.mentions("READONLY ") { isBroken = true }
            throw .server(error)
        }
        return reply
    }

    private func send(_ command: RedisCommand, until deadline: Deadline) throws(RedisFailure) {
        let failure = command.withEncoded { bytes -> RedisFailure? in
            do throws(RedisFailure) {
                if let tls {
                    try tls.write(bytes, until: deadline)
                } else {
                    try socket.write(bytes, until: deadline)
                }
                return nil
            } catch {
                return error
            }
        }
        guard let failure else {
            throw .connection("there is no memory for the command", mayHaveRun: false)
        }
        if let failure { throw failure }
    }

    private func receive(until deadline: Deadline) throws(RedisFailure) -> RedisReply {
        while true {
            if let reply = try reader.next() { return reply }
            let problem = withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) {
                buffer -> RedisFailure? in
                do throws(RedisFailure) {
                    let count =
                        if let tls {
                            try tls.read(into: buffer, until: deadline)
                        } else {
                            try socket.read(into: buffer, until: deadline)
                        }
                    guard let count else {
                        throw .connection("the server did not answer in time", mayHaveRun: true)
                    }
                    if count == 0 { throw .connection("the server closed the connection", mayHaveRun: true) }
                    try reader.feed(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                    return nil
                } catch {
                    return error
                }
            }
            if let problem { throw problem }
        }
    }
}
