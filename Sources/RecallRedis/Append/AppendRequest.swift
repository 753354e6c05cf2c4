// A commit in the form that the append script wants, and what its answer means.

internal import Recall

/// The question to the server about one commit. It is the same for every attempt.
struct AppendRequest: Sendable {
    /// The number of keys, the keys and the arguments but the last.
    private let command: RedisCommand
    private let commit: Commit
    /// The streams that get events, in the order of the script's answer.
    private let written: [AggregateID]
    /// What is expected, in the order in which the script looks.
    private let versions: [(id: AggregateID, expected: ExpectedVersion)]
    private let graphs: [(id: AggregateID, expected: Position)]

    /// - Parameters:
    ///   - commit: inside the limits.
    ///   - now: the time for events without one of their own.
    ///   - mustWrite: whether a repetition must write something, for the replicas to confirm.
    init(_ commit: Commit, keys: StoreKeys, now: Timestamp, mustWrite: Bool) {
        self.commit = commit
        // Of several conflicts the one of the smallest id is named.
        versions = commit.expectedVersions.filter { $0.value != .any }.sorted { $0.key < $1.key }
            .map { (id: $0.key, expected: $0.value) }
        graphs = commit.expectedGraphPositions.sorted { $0.key < $1.key }
            .map { (id: $0.key, expected: $0.value) }
        var streams = Numbering()
        var roots = Numbering()
        for event in commit.events {
            streams.add(event.aggregateID)
            roots.add(event.rootID)
        }
        written = streams.ids
        for (id, _) in versions { streams.add(id) }
        for (id, _) in graphs { roots.add(id) }

        var command = RedisCommand()
        command.append(6 + streams.ids.count + roots.ids.count)
        for key in [keys.log, keys.head, keys.ids, keys.about] { command.append(key) }
        for id in streams.ids { command.append(keys.stream(id)) }
        for id in roots.ids { command.append(keys.graph(id)) }
        for key in keys.rights { command.append(key) }
        let counts = [
            commit.events.count, streams.ids.count, written.count, roots.ids.count, versions.count,
            graphs.count,
        ]
        for count in counts { command.append(count) }
        command.append(String(now.microsecondsSince1970))
        command.append(mustWrite ? "1" : "0")
        for event in commit.events {
            var id: [UInt8] = []
            id.append(identity: event.id)
            command.append(id)
            command.append(event.time.map { String($0.microsecondsSince1970) } ?? "")
            command.append(streams[event.aggregateID])
            command.append(roots[event.rootID])
            command.append(EventBody.encode(event))
        }
        for (id, expected) in versions {
            command.append(streams[id])
            switch expected {
            case .any: command.append("any")
            case .noStream, .exact(0): command.append("none")
            case .streamExists: command.append("some")
            case .exact: command.append("exact")
            }
            if case .exact(let version) = expected {
                command.append(version.description)
            } else {
                command.append("0")
            }
        }
        for (id, expected) in graphs {
            command.append(roots[id])
            command.append(expected.description)
        }
        self.command = command
    }

    /// How many bytes it has.
    var byteCount: Int { command.byteCount }

    /// The number of keys, the keys and the arguments.
    /// - Parameter isProving: whether the script proves before its first write that it may carry out the others.
    func arguments(isProving: Bool) -> RedisCommand {
        var command = command
        command.append(isProving ? "1" : "0")
        return command
    }

    /// What the script answered: a receipt, or why nothing was written.
    func receipt(from reply: RedisReply, of server: String) throws(StoreError) -> CommitReceipt {
        guard let parts = reply.elements, let kind = parts.first?.text else {
            throw .unexpected(reply, to: "the append script")
        }
        func number(_ index: Int) throws(StoreError) -> UInt64 {
            guard index < parts.count, let text = parts[index].text, let value = UInt64(text) else {
                throw .unexpected(reply, to: "the append script (\(kind.prefix(16)))")
            }
            return value
        }
        /// What the server says about it.
        func detail(_ index: Int) -> String {
            (index < parts.count ? parts[index].text : nil).map { String($0.prefix(200)) }
                ?? "no reason was given"
        }
        /// One of the things that were asked about, which the script counts from 1.
        func asked<Element>(_ list: [Element]) throws(StoreError) -> Element {
            guard let index = Int(exactly: try number(1)), list.indices.contains(index - 1) else {
                throw .unexpected(reply, to: "the append script (\(kind.prefix(16)))")
            }
            return list[index - 1]
        }
        switch kind {
        case "new", "stored":
            let (first, last) = (try number(1), try number(2))
            guard parts.count == 3 + written.count, first > 0, last >= first,
                last - first == UInt64(commit.events.count - 1)
            else { throw .unexpected(reply, to: "the append script") }
            var streams: [StreamVersions.Stream] = []
            for (index, id) in written.enumerated() {
                streams.append((id: id, version: Version(try number(3 + index))))
            }
            return CommitReceipt(
                firstPosition: Position(first), lastPosition: Position(last),
                streams: StreamVersions(streams),
                wasStoredBefore: kind == "stored")
        case "reused": throw .eventIDReused(try asked(commit.events).id, position: Position(try number(2)))
        case "partly": throw .partlyStored(try asked(commit.events).id, position: Position(try number(2)))
        case "version":
            let (id, expected) = try asked(versions)
            throw .versionConflict(id, expected: expected, actual: Version(try number(2)))
        case "graph":
            let (id, expected) = try asked(graphs)
            throw .graphConflict(id, expected: expected, actual: Position(try number(2)))
        case "full":
            throw StoreError(
                .limitExceeded,
                "The store on \(server) is at position \(try number(1)), and positions on Redis end at 2^53; nothing was written: go on in a new store."
            )
        case "rights":
            throw StoreError(
                .unavailable,
                "The server \(server) does not let this user run \(detail(1)), which a commit needs (\(detail(2))); nothing was written: allow the commands and keys that docs/redis.md lists, and append again."
            )
        case "half":
            throw StoreError(
                .unavailable,
                "The server \(server) stopped the commit, or one before it, in the middle (\(detail(1))). Nothing of it can be read, and the next append that may completes it: allow the commands and keys that docs/redis.md lists, then append again with the same event ids, which stores it once."
            )
        case "behind":
            throw StoreError(
                .damaged,
                "The store on \(server) has entries behind its last event at position \(try number(1)) that are no whole commit: \(detail(2)); nothing was written, and readers end before them: remove them as docs/redis.md says under \"A commit in halves\"."
            )
        case "damaged":
            throw StoreError(
                .damaged,
                "The store on \(server) is not as Recall left it: \(parts.dropFirst().first?.text?.prefix(200) ?? "the server does not say where"); nothing was written: restore the server's data."
            )
        case "format":
            throw StoreError(
                .unsupported,
                "The store on \(server) has format \(parts.dropFirst().first?.text?.prefix(32) ?? "of another kind"), and this version of Recall knows \(StoreKeys.formatVersion); use a newer one."
            )
        default: throw .unexpected(reply, to: "the append script")
        }
    }
}

/// Numbers ids from 1, each once, in the order in which they come.
private struct Numbering {
    private(set) var ids: [AggregateID] = []
    private var numbers: [AggregateID: Int] = [:]

    mutating func add(_ id: AggregateID) {
        if numbers[id] == nil {
            ids.append(id)
            numbers[id] = ids.count
        }
    }

    /// The number of an id that was added; 0, which the script does not know, for another.
    subscript(id: AggregateID) -> Int { numbers[id] ?? 0 }
}
