// A store on Redis that a configuration file names.

public import Recall

extension RedisEventStore: Configurable {
    /// `redis`.
    public static var kind: String { "redis" }

    /// `store` (the name of its keys; that of the definition if left out), `address` or `cluster`, and those of
    /// `RedisStoreConfiguration`: docs/redis.md has them all.
    public static var settingNames: [SettingName] { RedisStoreConfiguration.settingNames }

    /// Opens the store, which is closed with the settings. What is durable when an append returns is what the setting
    /// `durability` says.
    /// - Throws: the settings' errors, or those of `open(_:)`.
    public static func make(from settings: any StoreSettings) async throws -> RedisEventStore {
        let store = try await open(RedisStoreConfiguration(from: settings))
        await settings.onClose { store.close() }
        return store
    }

    /// Checks the settings, and connects to no server.
    /// - Throws: the settings' errors, or `invalidArgument`.
    public static func check(_ settings: any StoreSettings) throws {
        try RedisStoreConfiguration(from: settings).check()
    }
}
