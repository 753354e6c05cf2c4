// Whether a server is what the store needs, and promises what the store promises: its version and its settings.
// A server that promises less is refused by name of the setting; nothing is weakened in silence.

internal import Recall

/// Looks at a server on a new connection.
struct ServerCheck {
    let configuration: RedisStoreConfiguration
    let connection: RedisConnection
    let deadline: Deadline

    /// - Throws: `store` where the server lacks what is needed; what the connection or the server said otherwise.
    func run() throws(RedisFailure) {
        try checkVersionAndMode()
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
        case .none: break
        }
    }

    private func checkVersionAndMode() throws(RedisFailure) {
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
        // A cluster sends who asks a replica to its master. A single server would answer with what it has so far.
        if case .single = configuration.deployment, try information("replication")["role"] != "master" {
            throw .connection("it is a replica, and only masters are read and written", mayHaveRun: false)
        }
    }

    /// Whether a server of a version knows what the store asks for.
    static func isNewEnough(_ version: Substring) -> Bool {
        let numbers = version.split(separator: ".").map { Int($0) ?? 0 }
        guard let major = numbers.first else { return false }
        return major > 6 || (major == 6 && numbers.dropFirst().first ?? 0 >= 2)
    }

    /// What the server says of itself, by name.
    private func information(_ section: String) throws(RedisFailure) -> [Substring: Substring] {
        let reply = try connection.exchange(RedisCommand("INFO", section), until: deadline)
        guard let text = reply.text else { throw .unexpected(reply, to: "INFO") }
        var values: [Substring: Substring] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            values[line[..<colon]] = line[line.index(after: colon)...]
        }
        return values
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
