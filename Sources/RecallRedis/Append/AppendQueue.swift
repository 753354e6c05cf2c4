// Appends that wait for a connection. Whoever is free takes what waits, so that many callers share the server's syncs: it syncs
// once for all that it finds on its connections, and waits for the replicas once for all that one connection wrote.
//
// Invariant: each append that waits has submitted a turn which has not begun, and a turn takes one at least: none is left behind.

internal import Recall
internal import RecallThreads
internal import Synchronization

/// Gathers appends and sends them together.
final class AppendQueue: Sendable {
    /// How many commits one connection is asked for at once. What one hangs holds up no more than these.
    static let batchCountMax = 16
    /// How many bytes of commits, unless a single one has more.
    static let batchBytesMax = 256 << 10

    private let waiting = Mutex<[PendingAppend]>([])
    private let client: RedisClient
    private let threads: BlockingPool

    init(_ client: RedisClient, on threads: BlockingPool) {
        self.client = client
        self.threads = threads
    }

    /// Sends a commit with those that wait beside it.
    func append(_ request: AppendRequest) async throws(StoreError) -> CommitReceipt {
        let outcome = await HandOver.value { give in
            waiting.withLock { $0.append(PendingAppend(request: request, finish: give)) }
            threads.submit { [self] in takeTurn() }
        }
        return try outcome.get()
    }

    private func takeTurn() {
        let batch = next()
        if batch.isEmpty { return }
        var appends = AppendBatch(batch, of: client)
        appends.run()
    }

    /// How many wait for a connection.
    var waitingCount: Int { waiting.withLock { $0.count } }

    /// The oldest that wait.
    private func next() -> [PendingAppend] {
        waiting.withLock { waiting in
            let count = Self.batchCount(of: waiting.lazy.map(\.request.arguments.byteCount))
            defer { waiting.removeFirst(count) }
            return Array(waiting.prefix(count))
        }
    }

    /// How many of the commits with so many bytes are sent together: one at least, where there is one.
    static func batchCount(of byteCounts: some Sequence<Int>) -> Int {
        var count = 0
        var byteCount = 0
        for bytes in byteCounts.prefix(batchCountMax) {
            byteCount += bytes
            if count > 0, byteCount > batchBytesMax { break }
            count += 1
        }
        return count
    }
}
