// A store of several shards that a configuration file names.

public import Recall

extension RedisShardedEventStore: Configurable {
    /// `redis_sharded`.
    public static var kind: String { "redis_sharded" }

    /// `shard_count`, and those of `RedisEventStore`.
    public static var settingNames: [SettingName] { RedisStoreConfiguration.settingNames + ["shard_count"] }

    /// Opens the store, which is closed with the settings. What is durable when an append returns is what the setting
    /// `durability` says.
    /// - Throws: the settings' errors, or those of `open(_:shardCount:)`.
    public static func make(from settings: any StoreSettings) async throws -> RedisShardedEventStore {
        let configuration = try RedisStoreConfiguration(from: settings)
        guard let count = try settings.int("shard_count", in: 1 ... 1024) else {
            throw settings.rejection(
                of: "shard_count", expected: "a number from 1 to 1024, the same each time", found: "nothing")
        }
        let store = try await open(configuration, shardCount: count)
        await settings.onClose { store.close() }
        return store
    }
}
