// The key that holds the position of the last event: a stream of one entry, which can be asked and waited for.

internal import Recall

/// Reads the head of a store.
enum StoreHead {
    /// The position of the last event; 0 for none.
    static func position(on connection: RedisConnection, _ keys: StoreKeys) throws(RedisFailure) -> Position {
        let reply = try connection.call(RedisCommand("XREVRANGE", keys.head, "+", "-", "COUNT", "1"))
        guard let entries = reply.elements, entries.count <= 1 else {
            throw .unexpected(reply, to: "XREVRANGE")
        }
        guard let entry = entries.first else { return .beforeFirst }
        return try position(of: entry)
    }

    /// Waits, on the server, for an event behind a position.
    /// - Returns: nil when none came within the time.
    static func position(
        after position: Position, within limit: Duration, on connection: RedisConnection, _ keys: StoreKeys
    ) throws(RedisFailure) -> Position? {
        let milliseconds =
            limit.components.seconds * 1000 + limit.components.attoseconds / 1_000_000_000_000_000
        let reply = try connection.call(
            RedisCommand(
                "XREAD", "COUNT", "1", "BLOCK", String(max(1, milliseconds)), "STREAMS", keys.head,
                "\(position)-0"), extra: limit)
        if reply == .null { return nil }
        guard let streams = reply.elements, streams.count == 1, let parts = streams[0].elements,
            parts.count == 2,
            let entry = parts[1].elements?.first
        else { throw .unexpected(reply, to: "XREAD") }
        return try self.position(of: entry)
    }

    private static func position(of entry: RedisReply) throws(RedisFailure) -> Position {
        guard let parts = entry.elements, let id = parts.first?.text, id.hasSuffix("-0"),
            let number = UInt64(id.dropLast(2))
        else {
            throw .store(
                StoreError(
                    .damaged,
                    "The key head of the store holds an entry that Recall did not write; restore the server's data."
                ))
        }
        return Position(number)
    }
}
