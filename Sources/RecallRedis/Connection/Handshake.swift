// What is said on a new connection before it is used: who we are, which database, and whether the server
// promises what the store promises its callers. Nothing secret gets into a message.

internal import Recall

/// Prepares connections.
struct Handshake: Sendable {
    let configuration: RedisStoreConfiguration
    let tls: TLSContext?
    /// What is known of servers, for all connections.
    let standings = ServerStandings()

    /// A connection that is ready to be used.
    /// - Throws: `store` where the server refuses the password or lacks what was asked for.
    /// - Parameter end: when the caller's time is over.
    func connect(to address: RedisAddress, until end: Deadline) throws(RedisFailure) -> RedisConnection {
        let deadline = Deadline.after(configuration.connectTimeout).capped(at: end)
        let connection = try RedisConnection(
            to: address, tls: tls, commandTimeout: configuration.commandTimeout, until: deadline)
        do throws(RedisFailure) {
            try authenticate(connection, until: deadline)
            if configuration.database != 0 { try select(connection, until: deadline) }
            try check(connection, until: deadline).run()
            try proveRights(on: connection, until: deadline)
            connection.checkedAt = .now
            return connection
        } catch {
            // Nothing of the store's own was sent yet.
            if case .connection(let what, _) = error { throw .connection(what, mayHaveRun: false) }
            throw error
        }
    }

    private func check(_ connection: RedisConnection, until deadline: Deadline) -> ServerCheck {
        ServerCheck(
            configuration: configuration, connection: connection, deadline: deadline, standings: standings)
    }

    /// What is asked behind appends; nil where nothing is promised that it could tell.
    var question: RedisCommand? {
        configuration.isServerChecked && configuration.durability != .none
            ? RedisCommand("INFO", "persistence") : nil
    }

    /// Before appends on a connection that was made a while ago: whether the server still promises what it did.
    func lookAgain(at connection: RedisConnection) throws(RedisFailure) {
        guard question != nil, .now - connection.checkedAt > .seconds(1) else { return }
        let deadline = Deadline.after(configuration.commandTimeout).capped(at: connection.callEnd)
        do throws(RedisFailure) {
            try check(connection, until: deadline).repeatIfSettingsWereSet()
        } catch {
            if case .connection(let what, _) = error { throw .connection(what, mayHaveRun: false) }
            throw error
        }
        connection.checkedAt = .now
    }

    /// Whether what was acknowledged before is as safe as it was promised to be.
    /// - Parameter reply: to `question`, behind the appends.
    func confirm(_ reply: RedisReply, of connection: RedisConnection) throws(RedisFailure) {
        let deadline = Deadline.after(configuration.commandTimeout).capped(at: connection.callEnd)
        try check(connection, until: deadline).confirm(reply)
    }

    /// What may be asked of the server behind a commit must be allowed before it. The script proves the others.
    private func proveRights(
        on connection: RedisConnection, until deadline: Deadline
    ) throws(RedisFailure) {
        var commands: [RedisCommand] = []
        // For no replica: answered at once.
        if configuration.replicaAcknowledgementCount > 0 { commands.append(RedisCommand("WAIT", "0", "1")) }
        // For the next command alone, which is another one.
        if case .cluster = configuration.deployment { commands.append(RedisCommand("ASKING")) }
        for command in commands {
            do throws(RedisFailure) {
                _ = try connection.exchange(command, until: deadline)
            } catch {
                // A replica does not wait for replicas; the route leads away from it.
                guard case .server(let answer) = error, !answer.isAboutRights else { throw error }
            }
        }
    }

    private func authenticate(
        _ connection: RedisConnection, until deadline: Deadline
    ) throws(RedisFailure) {
        guard let credentials = configuration.credentials else { return }
        var command = RedisCommand("AUTH")
        if let user = credentials.user { command.append(user) }
        command.append(credentials.password)
        do throws(RedisFailure) {
            _ = try connection.exchange(command, until: deadline)
        } catch {
            guard case .server(let answer) = error, !answer.isTemporary else { throw error }
            // Only the kind of the error: a server might repeat what it was sent.
            throw .store(
                StoreError(
                    .unavailable,
                    "The server \(connection.address) refused the \(credentials) (\(answer.code)); check the user and the password."
                ))
        }
    }

    private func select(_ connection: RedisConnection, until deadline: Deadline) throws(RedisFailure) {
        do throws(RedisFailure) {
            _ = try connection.exchange(
                RedisCommand("SELECT", String(configuration.database)), until: deadline)
        } catch {
            guard case .server(let answer) = error, !answer.isTemporary, !answer.isAboutRights else {
                throw error
            }
            throw .store(
                StoreError(
                    .unavailable,
                    "The server \(connection.address) has no database \(configuration.database): \(answer.text.prefix(200)); choose one that it has."
                ))
        }
    }
}
