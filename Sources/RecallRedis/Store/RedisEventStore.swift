// The event store on Redis. What waits for the network runs on threads of the store's own; callers are suspended.

public import Recall
internal import RecallThreads

/// Keeps events on a Redis server, in one order.
///
/// A commit is one script on the server, so it is stored whole or not at all. All keys of a store share one hash tag: in
/// a cluster the store lies whole on one master, and moves with its slot. Stores of other names are independent of it.
///
/// **What is durable on return** is what `RedisStoreConfiguration.durability` says, and a server whose settings promise
/// less is refused. With `everyWrite`, the default, the server has synced the commit to its disk. A failover to a replica
/// is another matter: replication does not wait for the disk or for the replica, so a master that is lost takes with it what
/// its replica had not got. `replicaAcknowledgementCount` makes an append wait until replicas have the commit in memory.
/// Events that were read before their commit was acknowledged can be lost by a failover, and their positions be given
/// to others. Replicas are never read.
///
/// **When the connection is lost** in the middle of an append, the store repeats it on a new one until
/// `RedisStoreConfiguration.retryDuration` has passed: event ids make that harmless. An error says whether the commit may
/// be stored.
///
/// Two events are the same when their bytes are: names that look alike and are composed of other characters are different
/// here. Positions end at 2^53.
public final class RedisEventStore: EventStore {
    private let client: RedisClient
    let keys: StoreKeys
    private let threads: CallPool
    let appends: AppendQueue
    let follower: Follower

    private init(_ client: RedisClient) throws(StoreError) {
        self.client = client
        keys = StoreKeys(name: client.configuration.name)
        threads = try CallPool(threadCount: client.configuration.connectionCountMax)
        appends = AppendQueue(client, on: threads)
        follower = Follower(client, keys)
    }

    deinit { close() }

    /// Opens a store, which is empty where its name is new: connects, and looks at the server's version and settings.
    /// - Throws: `invalidArgument` for settings that make no sense; `unsupported` where the server's promise less than the
    ///   configuration asks for, or the store is of a newer format; `unavailable` where the server cannot be reached or
    ///   refuses.
    public static func open(
        _ configuration: RedisStoreConfiguration
    ) async throws(StoreError) -> RedisEventStore {
        let store = try RedisEventStore(RedisClient(configuration))
        let format = try await store.run("opening") { [keys = store.keys] connection throws(RedisFailure) in
            // Scripts may be known to the server already, and be forgotten by it later.
            _ = try connection.call(RedisCommand("EVAL", "return 1", "0"))
            return try connection.call(RedisCommand("HGET", keys.about, "format"))
        }
        guard format == .null || format.text == StoreKeys.formatVersion else {
            throw StoreError(
                .unsupported,
                "The store \(configuration.name) has format \(format.text?.prefix(32) ?? "of another kind"), and this version of Recall knows \(StoreKeys.formatVersion); use a newer one."
            )
        }
        return store
    }

    /// Stores a commit whole, or not at all; commits of other callers may be sent with it. What is durable on return is what the configuration promises: by default,
    /// the server has synced it to its disk.
    /// - Throws: `conflict`, `eventIDReused`, `duplicateEventID`, `limitExceeded` or `invalidArgument`: nothing was written.
    ///   `closed` and `unavailable` where the server cannot be used, or too few replicas have acknowledged; the message says
    ///   whether the commit may be stored, and appending it again with the same ids is always right.
    public func append(_ commit: Commit) async throws(StoreError) -> CommitReceipt {
        let configuration = client.configuration
        try configuration.limits.check(commit)
        try client.checkOpen()
        let request = AppendRequest(
            commit, keys: keys, now: configuration.clock.now(),
            mustWrite: configuration.replicaAcknowledgementCount > 0)
        let receipt = try await appends.append(request)
        follower.learn(receipt.lastPosition)
        return receipt
    }

    /// Reads a page. At most 1,024 events are looked at for it on the server, in one script; readers see a commit whole
    /// or not at all. With `RedisDurability.everyWrite`, what is seen is on the server's disk.
    /// - Throws: `damaged`, with the position, where an event is not what was written, or is missing before the end; `anotherHistory` where
    ///   the store does not hold what the query's cursor knows, as after a failover to a replica that had not got the last events;
    ///   `invalidArgument` for a negative limit or a page of less than one event; `closed`; `unavailable` where the server cannot be
    ///   used.
    public func read(_ query: EventQuery) async throws(StoreError) -> EventPage {
        try query.check()
        try client.checkOpen()
        guard let request = PageRequest(query, keys: keys) else { return EventPage(events: [], next: nil) }
        let mark = follower.mark
        let answer = try await run("reading") { connection throws(RedisFailure) in
            let reply = try RedisScript.read.run(request.arguments, on: connection)
            do throws(StoreError) {
                return try request.answer(from: reply, of: "\(connection.address)")
            } catch {
                throw RedisFailure.store(error)
            }
        }
        follower.learn(last: answer.last, since: mark)
        return answer.page
    }

    /// What is known about an aggregate or child entity; nil when no event ever touched it.
    /// - Throws: `closed`; `unavailable` where the server cannot be used; `damaged` where a key is not of its type.
    public func status(of aggregate: AggregateID) async throws(StoreError) -> AggregateStatus? {
        let arguments = RedisCommand("3", keys.stream(aggregate), keys.graph(aggregate), keys.head)
        let reply = try await run("reading") { connection throws(RedisFailure) in
            try RedisScript.status.run(arguments, on: connection)
        }
        guard let parts = reply.elements, parts.count == 3 else {
            throw .unexpected(reply, to: "the status script")
        }
        let numbers = parts.compactMap { $0.integer.flatMap { UInt64(exactly: $0) } }
        guard numbers.count == 3 else { throw .unexpected(reply, to: "the status script") }
        let position = max(numbers[1], numbers[2])
        if position == 0 { return nil }
        return AggregateStatus(version: Version(numbers[0]), graphPosition: Position(position))
    }

    /// The position of the last event; 0 in an empty store.
    /// - Throws: `closed`; `unavailable` where the server cannot be used; `damaged` where a key is not of its type.
    public func lastPosition() async throws(StoreError) -> Position {
        try await run("reading", isUrgent: true) { [keys] connection throws(RedisFailure) in
            try StoreHead.position(on: connection, keys)
        }
    }

    /// Waits until an event behind `position` can be read. All who wait share one connection, which is told of new
    /// events by the server.
    /// - Throws: `cancelled` when the task is cancelled, `closed` when the store is closed, `unavailable` when the server
    ///   could not be used for `RedisStoreConfiguration.retryDuration`.
    public func waitForEvent(after position: Position) async throws(StoreError) {
        try client.checkOpen()
        try await follower.wait(after: EventCursor(position: position))
    }

    /// Waits until an event behind a cursor can be read, or the server does not hold the cursor's event any more, which is looked for
    /// about once a second: after a failover, a flush or a restore other events may be at the same positions. Reading on is refused
    /// then.
    /// - Throws: as `waitForEvent(after:)` for a position.
    public func waitForEvent(after cursor: EventCursor) async throws(StoreError) {
        try client.checkOpen()
        try await follower.wait(after: cursor)
    }

    /// Ends every wait with `closed`, refuses all further calls and gives up the connections. Calls that wait for the
    /// server's answer get it. Closing again does nothing.
    public func close() {
        // The threads stay until the object goes: a call that has just begun may still need one to be refused on.
        if client.close() { follower.close() }
    }

    /// Does something on a connection, on one of the store's threads. The time of the call begins now.
    /// - Parameter isUrgent: whether it is a short question, which waits for no others.
    func run<Value: Sendable>(
        _ what: String, isUrgent: Bool = false,
        _ body: @escaping @Sendable (RedisConnection) throws(RedisFailure) -> Value
    ) async throws(StoreError) -> Value {
        try client.checkOpen()
        let time = CallTime(client.configuration)
        return try await threads.run(
            until: time.end.instant, isUrgent: isUrgent, orThrow: self.client.notBegun(what, time)
        ) { [client] () throws(StoreError) in
            do throws(CallFailure) { return try client.perform(what, time, body) } catch { throw error.error }
        }
    }
}
