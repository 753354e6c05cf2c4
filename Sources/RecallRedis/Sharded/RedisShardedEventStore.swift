// Many stores beside each other, so that a cluster's masters share the load. What one store promises over all its
// events, several cannot: there is no script over two hash slots, and no order over two masters. So what would need that
// is refused, and said to be found in the shards.

public import Recall

/// Spreads aggregates over several stores on Redis, by the root of their graph.
///
/// A graph, that is an aggregate with its children, lies whole in one shard, and within it everything holds that
/// `RedisEventStore` promises: a commit to it is atomic, durable as configured, and checked against what it expects.
/// Between shards nothing is promised, because Redis has neither a script over several slots nor an order over several
/// masters:
///
/// - A commit whose events belong to graphs of two shards is refused.
/// - Positions count in a shard. Reading everything, following it and asking for the last position are refused; use
///   `shards`, each of which is a whole store.
/// - An event id is known in the shard that has it only.
///
/// The number of shards is for good: it says where an aggregate lies. It is written into each shard, and opening with
/// another one is refused. An entity must keep its root for life, as those of a `Repository` do.
public final class RedisShardedEventStore: EventStore {
    /// The stores of the shards, in their order: each has an order of its own, and can be read as a whole, followed and
    /// replayed. Closed by `close()`.
    public let shards: [RedisEventStore]

    private init(_ shards: [RedisEventStore]) { self.shards = shards }

    /// Opens a store of several shards, which is empty where its name is new.
    /// - Parameters:
    ///   - configuration: as for one store. Shard `i` has the name `name:i`, and connections and threads of its own.
    ///   - shardCount: how many shards there are, 1 to 1,024; the same each time.
    /// - Throws: as `RedisEventStore.open(_:)`; `invalidArgument` where the store has another number of shards.
    public static func open(
        _ configuration: RedisStoreConfiguration, shardCount: Int
    ) async throws(StoreError) -> RedisShardedEventStore {
        guard (1 ... 1024).contains(shardCount) else {
            throw StoreError(
                .invalidArgument, "A store of \(shardCount) shards cannot be; use 1 to 1,024.")
        }
        var shards: [RedisEventStore] = []
        do throws(StoreError) {
            for index in 0 ..< shardCount {
                var own = configuration
                own.name = "\(configuration.name):\(index)"
                let shard = try await RedisEventStore.open(own)
                shards.append(shard)
                try await shard.claim(shard: index, of: shardCount)
            }
        } catch {
            for shard in shards { shard.close() }
            throw error
        }
        return RedisShardedEventStore(shards)
    }

    /// The shard that has a graph: the same for each root, however often the store is opened.
    public func shard(ofGraph root: AggregateID) -> RedisEventStore { shards[index(of: root)] }

    private func index(of root: AggregateID) -> Int {
        // The low half: the high one of an id that is ordered by time says when, and not who.
        let (high, low) = root.halves
        let mixed = (high ^ low) &* 0x9E37_79B9_7F4A_7C15
        return Int((mixed >> 32) % UInt64(shards.count))
    }

    /// Stores a commit to graphs of one shard, as `RedisEventStore.append(_:)` does.
    /// - Throws: `unsupported` for a commit over several shards, or one that expects something of a stream which it has no
    ///   event of and which is not the root of one: nobody knows where that lies. Nothing was written then.
    public func append(_ commit: Commit) async throws(StoreError) -> CommitReceipt {
        guard let first = commit.events.first else { throw .emptyCommit }
        let home = index(of: first.rootID)
        var entities: Set<AggregateID> = []
        for event in commit.events {
            entities.insert(event.aggregateID)
            if index(of: event.rootID) != home { throw .overShards(first.rootID, event.rootID) }
        }
        for root in commit.expectedGraphPositions.keys where index(of: root) != home {
            throw .overShards(first.rootID, root)
        }
        for (id, expected) in commit.expectedVersions where expected != .any && !entities.contains(id) {
            if commit.events.contains(where: { $0.rootID == id }) { continue }
            throw StoreError(
                .unsupported,
                "The commit expects \(expected) of \(id), of which it has no event, and a store of several shards does not know where that lies; nothing was written: append to the store in shards that has it, or expect something of the graph instead."
            )
        }
        return try await shards[home].append(commit)
    }

    /// Reads a page of an aggregate or of a graph. Positions are those of its shard.
    /// - Throws: `unsupported` for a query of everything; otherwise as `RedisEventStore.read(_:)`.
    public func read(_ query: EventQuery) async throws(StoreError) -> EventPage {
        switch query.scope {
        case .all: throw .allShards("reading everything")
        case .graph(let root): try await shard(ofGraph: root).read(query)
        case .aggregate(let id): try await shard(ofStream: id).read(query)
        }
    }

    /// What is known about an aggregate or child entity; nil when no event ever touched it. The position is that of its
    /// shard.
    /// - Throws: as `RedisEventStore.status(of:)`.
    public func status(of aggregate: AggregateID) async throws(StoreError) -> AggregateStatus? {
        try await shard(ofStream: aggregate).status(of: aggregate)
    }

    /// Refused: there is no position over all shards.
    /// - Throws: `unsupported`, always.
    public func lastPosition() async throws(StoreError) -> Position { throw .allShards("the last position") }

    /// Refused: there is no position over all shards.
    /// - Throws: `unsupported`, always.
    public func waitForEvent(after position: Position) async throws(StoreError) {
        throw .allShards("waiting for the next event")
    }

    /// Closes all shards. Closing again does nothing.
    public func close() {
        for shard in shards { shard.close() }
    }

    /// The shard that has a stream. That of a root is known; a child is with its root, so where its own shard does not
    /// know it, all are asked.
    private func shard(ofStream id: AggregateID) async throws(StoreError) -> RedisEventStore {
        let home = index(of: id)
        if try await shards[home].status(of: id) != nil { return shards[home] }
        let answers = await withTaskGroup(of: ShardAnswer.self) { group in
            for index in shards.indices where index != home {
                group.addTask { [shard = shards[index]] in await ShardAnswer.ask(shard, at: index, about: id)
                }
            }
            return await group.reduce(into: [ShardAnswer]()) { $0.append($1) }
        }
        for answer in answers {
            if let error = answer.error { throw error }
        }
        let found = answers.filter(\.isThere).map(\.index).sorted()
        if found.count > 1 {
            throw StoreError(
                .damaged,
                "The entity \(id) has events in the shards \(found[0]) and \(found[1]), so it was appended under two roots; read it in the stores in shards."
            )
        }
        return shards[found.first ?? home]
    }
}

/// Whether a shard has a stream. A type of its own and not a tuple with a result: that was compiled wrongly with
/// optimization (Swift 6.3.1), and gave the index of no shard.
private struct ShardAnswer: Sendable {
    var index: Int
    var isThere = false
    var error: StoreError?

    static func ask(_ shard: RedisEventStore, at index: Int, about id: AggregateID) async -> ShardAnswer {
        do throws(StoreError) {
            return ShardAnswer(index: index, isThere: try await shard.status(of: id) != nil)
        } catch {
            return ShardAnswer(index: index, error: error)
        }
    }
}

extension StoreError {
    fileprivate static func overShards(_ one: AggregateID, _ other: AggregateID) -> StoreError {
        StoreError(
            .unsupported,
            "The commit touches the graphs of \(one) and \(other), which lie in different shards, and Redis can store nothing in two hash slots at once; nothing was written: commit to each by itself, or keep both in one RedisEventStore."
        )
    }

    fileprivate static func allShards(_ what: String) -> StoreError {
        StoreError(
            .unsupported,
            "A store of several shards has no order over all its events, which \(what) would need; use shards[i], each of which is a store with an order of its own."
        )
    }
}
