// That a store is one of several is written into it, so that nobody looks for events where they are not.

internal import Recall

extension RedisEventStore {
    /// Marks the store as one of several, or checks that it is marked so.
    /// - Throws: `invalidArgument` where it is marked otherwise.
    func claim(shard index: Int, of count: Int) async throws(StoreError) {
        let mark = "\(index)/\(count)"
        let found = try await run("opening") { [keys] connection throws(RedisFailure) in
            _ = try connection.call(RedisCommand("HSETNX", keys.about, "shard", mark))
            return try connection.call(RedisCommand("HGET", keys.about, "shard"))
        }
        if found.text == mark { return }
        throw StoreError(
            .invalidArgument,
            "The store was made of another number of shards: this one is \(found.text?.prefix(16) ?? "marked in another way") and not \(mark); open it with the number of shards that it was made of."
        )
    }
}
