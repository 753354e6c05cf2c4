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

    private struct Waiting: Sendable {
        var appends: [PendingAppend] = []
        var numberNext: UInt64 = 0
    }

    private let waiting = Mutex(Waiting())
    private let client: RedisClient
    private let threads: CallPool

    init(_ client: RedisClient, on threads: CallPool) {
        self.client = client
        self.threads = threads
    }

    /// Sends a commit with those that wait beside it.
    func append(_ request: AppendRequest) async throws(StoreError) -> CommitReceipt {
        let time = CallTime(client.configuration, isAppend: true)
        let outcome = await HandOver.value { give in
            let number = waiting.withLock { waiting in
                waiting.numberNext += 1
                waiting.appends.append(
                    PendingAppend(request: request, number: waiting.numberNext, time: time, finish: give))
                return waiting.numberNext
            }
            submitTurn(of: number, time)
        }
        return try outcome.get()
    }

    private func submitTurn(of number: UInt64, _ time: CallTime) {
        threads.submit(
            until: time.end.instant, run: { [self] in takeTurn() }, orGiveUp: { [self] in giveUp(number) })
    }

    /// A turn was not begun in time: its append is given up. Where another turn has taken that one, somebody may wait whose turn
    /// that was, and gets this one.
    private func giveUp(_ number: UInt64) {
        let (given, next) = waiting.withLock { waiting -> (PendingAppend?, PendingAppend?) in
            guard let index = waiting.appends.firstIndex(where: { $0.number == number }) else {
                return (nil, waiting.appends.first)
            }
            return (waiting.appends.remove(at: index), nil)
        }
        if let given {
            given.finish(.failure(client.notBegun("appending", given.time).withNothingWritten))
        } else if let next {
            submitTurn(of: next.number, next.time)
        }
    }

    private func takeTurn() {
        let batch = next()
        if batch.isEmpty { return }
        var appends = AppendBatch(batch, of: client)
        appends.run()
    }

    /// How many wait for a connection.
    var waitingCount: Int { waiting.withLock { $0.appends.count } }

    /// The oldest that wait.
    private func next() -> [PendingAppend] {
        waiting.withLock { waiting in
            // An empty array would be the very one that waits, and be looked at without the lock.
            if waiting.appends.isEmpty { return [] }
            let count = Self.batchCount(of: waiting.appends.lazy.map(\.request.byteCount))
            defer { waiting.appends.removeFirst(count) }
            return Array(waiting.appends.prefix(count))
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
