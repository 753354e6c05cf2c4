// The kinds of stores and routers that a file can choose from here: those that keep one order of all events, which the comparison
// and the relay read, and what goes with them. An application names the kinds it uses.

import Recall
import RecallAMQP
import RecallConfiguration
import RecallLog
import RecallMemcached
import RecallRedis

enum Neighbours {
    /// What a file and the environment choose.
    static func services(file: String) async throws -> RecallServices {
        var registry = StoreRegistry()
        registry.register(LogEventStore.self)
        registry.register(LogSnapshotStore.self)
        registry.register(RedisEventStore.self)
        registry.register(MemcachedSnapshotStore.self)
        registry.register(AMQPEventRouter.self)
        return try await RecallServices(
            file: file, registry: registry, aggregateTypes: [Account.aggregateType])
    }
}
