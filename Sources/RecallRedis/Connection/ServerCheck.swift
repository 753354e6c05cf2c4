// Whether a server is what the store needs, and promises what the store promises: its version and its settings.
// A server that promises less is refused by name of the setting; nothing is weakened in silence. One that promises less for a while is
// waited for. This is looked at on each new connection, behind each append, and when somebody has set a setting meanwhile.

internal import Recall

/// Looks at a server on a new connection.
struct ServerCheck {
    let configuration: RedisStoreConfiguration
    let connection: RedisConnection
    let deadline: Deadline
    let standings: ServerStandings

    /// - Throws: `store` where the server lacks what is needed; what the connection or the server said otherwise.
    func run() throws(RedisFailure) {
        let standing = try checkVersionAndMode()
        if !configuration.isServerChecked { return }
        try check(
            "maxmemory-policy", ["noeviction"], "or events would be thrown away when memory is short",
            [
                "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl",
            ])
        switch configuration.durability {
        case .everyWrite:
            try check("appendonly", ["yes"], "which the durability everyWrite needs")
            try check("appendfsync", ["always"], "which the durability everyWrite needs")
            try check(
                "no-appendfsync-on-rewrite", ["no"],
                "or nothing is synced while the server rewrites its file, and the durability everyWrite is lost"
            )
        case .everySecond:
            try check("appendonly", ["yes"], "which the durability everySecond needs")
            try check("appendfsync", ["everysec"], "which the durability everySecond needs", ["always"])
            try check(
                "no-appendfsync-on-rewrite", ["no"],
                "or nothing is synced while the server rewrites its file, and the durability everySecond is lost"
            )
        case .none: return
        }
        try checkFile(standing)
    }

    /// Looks at what the server says behind appends, on a connection that was checked before.
    func confirm(_ reply: RedisReply) throws(RedisFailure) {
        switch FileState(try ServerInformation(reply)) {
        case .steady: return
        case .failing(let reason): throw .connection(reason, mayHaveRun: true)
        case .rewriting:
            try checkFile(try standing(try information("server"), try information("replication")))
        }
    }

    /// Looks again where somebody has set a setting since the last look.
    func repeatIfSettingsWereSet() throws(RedisFailure) {
        let count = standings.configurationCount(of: connection.address)
        if let count, try information("commandstats").configurationCount == count { return }
        try run()
    }

    /// - Throws: `connection` where the server promises less for a while.
    private func checkFile(_ standing: ServerStanding) throws(RedisFailure) {
        let state = FileState(try information("persistence"))
        // Behind what was looked at: who sets something meanwhile changes it.
        var now = standing
        if standing.configurationCount != nil {
            now.configurationCount = try information("commandstats").configurationCount
            if now.configurationCount != standing.configurationCount {
                throw .connection("its settings are just being set", mayHaveRun: true)
            }
        }
        switch state {
        case .failing(let reason): throw .connection(reason, mayHaveRun: true)
        case .rewriting(let reason):
            if !standings.vouch(for: now, of: connection.address) {
                throw .connection(reason, mayHaveRun: true)
            }
        case .steady: break
        }
        standings.remember(now, of: connection.address)
    }

    private func standing(
        _ server: ServerInformation, _ replication: ServerInformation
    ) throws(RedisFailure) -> ServerStanding {
        let isTelling = (server["redis_version"]?.split(separator: ".").first).flatMap { Int($0) } ?? 0 >= 7
        let count: UInt64? = isTelling ? try information("commandstats").configurationCount : nil
        return ServerStanding(
            runID: String(server["run_id"] ?? ""), replicationID: String(replication["master_replid"] ?? ""),
            configurationCount: count,
            isUntouched: count == 0 && replication["master_replid2"]?.allSatisfy { $0 == "0" } == true)
    }

    private func checkVersionAndMode() throws(RedisFailure) -> ServerStanding {
        let values = try information("server")
        guard let version = values["redis_version"] else {
            throw .connection("it does not say which version it is", mayHaveRun: false)
        }
        guard Self.isNewEnough(version) else {
            throw .store(
                StoreError(
                    .unsupported,
                    "The server \(connection.address) is Redis \(version.prefix(32)), and the store needs 6.2 or later; update it."
                ))
        }
        let isCluster = values["redis_mode"] == "cluster"
        switch configuration.deployment {
        case .single where isCluster:
            throw .store(
                StoreError(
                    .invalidArgument,
                    "The server \(connection.address) is a node of a cluster; use the deployment cluster with the addresses of its nodes."
                ))
        case .cluster where !isCluster:
            throw .store(
                StoreError(
                    .invalidArgument,
                    "The server \(connection.address) is no node of a cluster; use the deployment single."))
        default: break
        }
        let replication = try information("replication")
        // A cluster sends who asks a replica to its master. A single server would answer with what it has so far.
        if case .single = configuration.deployment, replication["role"] != "master" {
            throw .connection("it is a replica, and only masters are read and written", mayHaveRun: false)
        }
        return try standing(values, replication)
    }

    /// Whether a server of a version knows what the store asks for.
    static func isNewEnough(_ version: Substring) -> Bool {
        let numbers = version.split(separator: ".").map { Int($0) ?? 0 }
        guard let major = numbers.first else { return false }
        return major > 6 || (major == 6 && numbers.dropFirst().first ?? 0 >= 2)
    }

    /// What the server says of itself, by name.
    private func information(_ section: String) throws(RedisFailure) -> ServerInformation {
        try ServerInformation(try connection.exchange(RedisCommand("INFO", section), until: deadline))
    }

    /// Refuses a server whose setting has another value than one of those that will do.
    private func check(
        _ setting: String, _ best: [String], _ reason: String, _ others: [String] = []
    ) throws(RedisFailure) {
        let reply: RedisReply
        do throws(RedisFailure) {
            reply = try connection.exchange(RedisCommand("CONFIG", "GET", setting), until: deadline)
        } catch {
            guard case .server(let answer) = error, !answer.isTemporary else { throw error }
            throw .store(
                StoreError(
                    .unavailable,
                    "The server \(connection.address) does not say how it is set up (\(answer.text.prefix(200))), so that nothing is known of its durability; allow CONFIG GET, or set isServerChecked to false and answer for the setting \(setting) yourself."
                ))
        }
        guard let parts = reply.elements, parts.count == 2, parts[0].text == setting,
            let value = parts[1].text
        else { throw .unexpected(reply, to: "CONFIG GET \(setting)") }
        if best.contains(value) || others.contains(value) { return }
        throw .store(
            StoreError(
                .unsupported,
                "The server \(connection.address) has the setting \(setting) \(value.prefix(64)) and not \(best.joined(separator: " or ")), \(reason); change it there, or ask for less in the configuration of the store."
            ))
    }
}
