// The clients of a store: as many as there are threads, each lent to one caller at a time.

internal import Recall
internal import RecallThreads
internal import Synchronization

/// Clients, and the threads that they block.
final class MemcachedClients: Sendable {
    private let pool: CallPool
    private let idle: Mutex<[MemcachedClient]>
    private let patience: Duration

    init(_ configuration: MemcachedConfiguration) throws(StoreError) {
        let book = FailureBook(configuration)
        var clients: [MemcachedClient] = []
        for _ in 0 ..< configuration.connectionCount {
            clients.append(try MemcachedClient(configuration, book))
        }
        idle = Mutex(clients)
        patience = configuration.connectTimeout + configuration.requestTimeout
        pool = try CallPool(threadCount: configuration.connectionCount)
    }

    deinit { pool.stop() }

    /// Runs blocking work with a client, while the caller's task is suspended. The caller's time begins now.
    /// - Throws: what the work throws, or where no thread was free in the time that one request may take.
    func run<Value: Sendable>(
        _ body: @escaping @Sendable (MemcachedClient) throws(MemcachedFailure) -> Value
    ) async throws(MemcachedFailure) -> Value {
        try await pool.run(
            until: .now + patience,
            orThrow: MemcachedFailure(
                text:
                    "all connections were busy for \(self.patience); raise connectionCount where that happens often"
            )
        ) { [self] () throws(MemcachedFailure) in
            guard let client = idle.withLock({ $0.popLast() }) else {
                throw MemcachedFailure(text: "no client was free")
            }
            defer { idle.withLock { $0.append(client) } }
            return try body(client)
        }
    }
}
