// What a server is doing about its file now. Settings say what it is going to promise: while an append-only file is being switched on, and
// until its first rewrite has ended, a server says `appendonly yes` and `appendfsync always`, and a crash loses what it acknowledges.
// Nothing in what it says of itself tells such a rewrite from an ordinary one, during which all is as safe as ever. What does is how
// often settings were set: where that is as it was when the file was known to be on, nobody can have switched it off and on.

internal import Recall
internal import Synchronization

/// Lines of `INFO`, by name.
struct ServerInformation {
    private var values: [Substring: Substring] = [:]

    init(_ reply: RedisReply) throws(RedisFailure) {
        guard let text = reply.text else { throw .unexpected(reply, to: "INFO") }
        for line in text.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            values[line[..<colon]] = line[line.index(after: colon)...]
        }
    }

    subscript(_ name: Substring) -> Substring? { values[name] }

    /// How often `CONFIG SET` was called since the server started.
    var configurationCount: UInt64 {
        // "calls=3,usec=…"
        let calls = values["cmdstat_config|set"]?.split(separator: ",").first?.split(separator: "=").last
        return calls.flatMap { UInt64($0) } ?? 0
    }
}

/// What a server is doing about its append-only file.
enum FileState: Sendable {
    /// It is on, and nothing is being done to it.
    case steady
    /// It is being rewritten, which may be the rewrite that switches it on. Why what is acknowledged may not be safe.
    case rewriting(String)
    /// What is acknowledged is not safe, and why.
    case failing(String)

    init(_ information: ServerInformation) {
        if information["loading"] == "1" {
            self = .failing("it is loading its data")
        } else if information["aof_enabled"] != "1" {
            self = .failing("its append-only file is off (appendonly)")
        } else if information["aof_last_write_status"] != "ok" {
            self = .failing("its last write to the append-only file failed, as on a full disk")
        } else if information["aof_rewrite_in_progress"] == "1" || information["aof_rewrite_scheduled"] == "1"
        {
            self = .rewriting(
                "it is rewriting its append-only file, which may be the rewrite that switches it on, and until that has ended a crash loses what it acknowledges; wait for its end (INFO persistence, aof_rewrite_in_progress)"
            )
        } else if information["aof_last_bgrewrite_status"] != "ok" {
            self = .rewriting(
                "its last rewrite of the append-only file failed, which may be the one that switches it on; see why in its log, and call BGREWRITEAOF until it succeeds"
            )
        } else {
            self = .steady
        }
    }
}

/// One life of a server as a master, and how often its settings were set.
struct ServerStanding: Hashable, Sendable {
    var runID: String
    var replicationID: String
    /// Nil where the server does not say, as before version 7.
    var configurationCount: UInt64?
    /// Whether nobody has set anything since it started, as a master: then its file has been on since then.
    var isUntouched: Bool
}

/// Servers whose append-only file was known to be on.
final class ServerStandings: Sendable {
    private let known = Mutex<[RedisAddress: ServerStanding]>([:])

    func remember(_ standing: ServerStanding, of address: RedisAddress) {
        known.withLock { $0[address] = standing }
    }

    /// Whether the file was known to be on, and nobody can have switched it off since.
    func vouch(for standing: ServerStanding, of address: RedisAddress) -> Bool {
        guard standing.configurationCount != nil else { return false }
        return standing.isUntouched || known.withLock { $0[address] } == standing
    }

    /// How often the settings of a server were set when it was looked at last; nil where it is not known.
    func configurationCount(of address: RedisAddress) -> UInt64? {
        known.withLock { $0[address]?.configurationCount }
    }
}
