// The clients of a store: as many as there are threads, each lent to one caller at a time.

internal import Recall
internal import RecallThreads
internal import Synchronization

/// Clients, and the threads that they block.
final class MemcachedClients: Sendable {
    private let pool: BlockingPool
    private let idle: Mutex<[MemcachedClient]>

    init(_ configuration: MemcachedConfiguration) throws(StoreError) {
        var clients: [MemcachedClient] = []
        for _ in 0 ..< configuration.connectionCount { clients.append(try MemcachedClient(configuration)) }
        idle = Mutex(clients)
        pool = try BlockingPool(threadCount: configuration.connectionCount)
    }

    deinit { pool.stop() }

    /// Runs blocking work with a client, while the caller's task is suspended.
    /// - Returns: nil where there was no client, which cannot be while each thread takes one.
    func run<Value: Sendable>(
        _ body: @escaping @Sendable (MemcachedClient) -> Value
    ) async -> Value? {
        await pool.run { [self] in
            guard let client = idle.withLock({ $0.popLast() }) else { return nil }
            defer { idle.withLock { $0.append(client) } }
            return body(client)
        }
    }
}
