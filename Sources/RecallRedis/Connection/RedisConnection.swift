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
    /// Whether the server has let a commit through here, so that it may run all its commands.
    var areRightsProved = false
    /// When the server was asked last what it promises.
    var checkedAt = ContinuousClock.now
    /// When the time of the call is over that the connection is lent to.
    var callEnd = Deadline.never
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

    /// Until when the server must have taken or said something.
    private func deadline(extra: Duration = .zero) -> Deadline {
        Deadline.after(commandTimeout + extra, renewedBy: commandTimeout).capped(at: callEnd)
    }

    /// Sends a command and waits for its answer. Neither may stand still for longer than a command may take.
    /// - Parameter extra: how long the server is asked to wait before it answers.
    /// - Throws: `server` where the answer is an error.
    func call(_ command: RedisCommand, extra: Duration = .zero) throws(RedisFailure) -> RedisReply {
        let deadline = deadline(extra: extra)
        if isAsking { _ = try exchange(Self.asking, until: deadline) }
        return try exchange(command, until: deadline)
    }

    /// Sends commands together and waits for their answers. None may stand still for longer than one command may take.
    /// - Parameter take: gets the number of a command, from 0, and its answer, which may be an error, as soon as it is there.
    func call(_ commands: [RedisCommand], _ take: (Int, RedisReply) -> Void) throws(RedisFailure) {
        let deadline = deadline()
        if !isAsking { return try exchange(commands, until: deadline, take) }
        try exchange(commands.flatMap { [Self.asking, $0] }, until: deadline) { index, reply in
            if !index.isMultiple(of: 2) { take(index / 2, reply) }
        }
    }

    private static let asking = RedisCommand("ASKING")

    /// Sends a command and waits for its answer.
    func exchange(_ command: RedisCommand, until deadline: Deadline) throws(RedisFailure) -> RedisReply {
        var answer = RedisReply.null
        try exchange([command], until: deadline) { answer = $1 }
        if case .error(let error) = answer { throw .server(error) }
        return answer
    }

    /// Sends commands together and waits for their answers, which come in the order of the commands.
    private func exchange(
        _ commands: [RedisCommand], until deadline: Deadline, _ take: (Int, RedisReply) -> Void
    ) throws(RedisFailure) {
        do throws(RedisFailure) {
            var deadline = deadline
            try send(commands, until: deadline)
            deadline.noteProgress()
            for index in commands.indices {
                let reply = try receive(until: &deadline)
                // A master that has become a replica would go on answering what is read on old connections.
                if case .error(let error) = reply, error.mentions("READONLY ") { isBroken = true }
                take(index, reply)
            }
        } catch {
            isBroken = true
            throw error
        }
    }

    private func send(_ commands: [RedisCommand], until deadline: Deadline) throws(RedisFailure) {
        var bytes: [UInt8] = []
        for command in commands {
            guard command.withEncoded({ bytes.append(contentsOf: $0) }) != nil else {
                throw .connection("there is no memory for the command", mayHaveRun: false)
            }
        }
        let failure = bytes.withUnsafeBytes { bytes -> RedisFailure? in
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
        if let failure { throw failure }
    }

    private func receive(until deadline: inout Deadline) throws(RedisFailure) -> RedisReply {
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
            deadline.noteProgress()
        }
    }
}
