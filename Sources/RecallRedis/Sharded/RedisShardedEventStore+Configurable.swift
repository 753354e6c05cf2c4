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
        let store = try await open(configuration, shardCount: shardCount(settings))
        await settings.onClose { store.close() }
        return store
    }

    /// Checks the settings, and connects to no server.
    /// - Throws: the settings' errors, or `invalidArgument`.
    public static func check(_ settings: any StoreSettings) throws {
        try RedisStoreConfiguration(from: settings).check()
        _ = try shardCount(settings)
    }

    private static func shardCount(_ settings: any StoreSettings) throws -> Int {
        guard let count = try settings.int("shard_count", in: 1 ... 1024) else {
            throw settings.rejection(
                of: "shard_count", expected: "a number from 1 to 1024, the same each time", found: "nothing")
        }
        return count
    }
}
