// Waiting for replicas behind appends, on the same connection: WAIT is about all that this connection wrote.

internal import Recall

/// Waits until enough replicas have what a connection wrote.
struct ReplicaWait {
    private let configuration: RedisStoreConfiguration

    init(_ configuration: RedisStoreConfiguration) { self.configuration = configuration }

    /// Whether an append waits for any.
    var isNeeded: Bool { configuration.replicaAcknowledgementCount > 0 }

    /// - Throws: `store` where too few acknowledged in time.
    func run(on connection: RedisConnection) throws(RedisFailure) {
        let count = configuration.replicaAcknowledgementCount
        let (seconds, attoseconds) = configuration.replicaTimeout.components
        let milliseconds = max(1, seconds * 1000 + attoseconds / 1_000_000_000_000_000)
        let reply: RedisReply
        do throws(RedisFailure) {
            reply = try connection.call(
                RedisCommand("WAIT", String(count), String(milliseconds)), extra: configuration.replicaTimeout
            )
        } catch .server(let answer) {
            // The server has the commit and is no master any more: the next one may not have it.
            throw .connection(
                "the replicas could not be waited for: \(answer.text.prefix(200))", mayHaveRun: true)
        }
        guard case .integer(let acknowledged) = reply else { throw .unexpected(reply, to: "WAIT") }
        if acknowledged >= count { return }
        throw .store(
            StoreError(
                .unavailable,
                "The commit is on the server \(connection.address), but within \(configuration.replicaTimeout) only \(acknowledged) of \(count) replicas acknowledged it, so whether it survives the loss of that server is not known: append it again with the same event ids, which stores it once and waits again."
            ))
    }
}
