// The door between a domain and its store: aggregates come in by id and go out as one commit.
//
// Where a state comes from, the memory, a snapshot or all events, is decided here and never shows: each
// is brought up to what the store holds before it is handed out, or it is not used.

internal import Synchronization

/// Loads and saves the aggregates of one type, each with all its children.
///
/// Safe to use from many tasks, whose updates of one aggregate are carried out one after the other. Several repositories, in
/// one process or many, may work on one store: a save that is based on what is no longer true is a conflict and writes
/// nothing, and an update begins anew. One repository for all who change an aggregate needs no conflict for that.
public final class Repository<Root: AggregateRoot>: Sendable {
    let configuration: RepositoryConfiguration
    let model: EntityModel
    let turns: AggregateTurns
    private let identityMap: Mutex<LeastRecentlyUsed<Root>>

    /// A repository that keeps to a configuration. Its stores stay the caller's to close.
    public init(_ configuration: RepositoryConfiguration) {
        self.configuration = configuration
        model = EntityModel(
            of: Root.self, upcasters: configuration.coder.upcasters,
            ignoring: configuration.coder.ignoredTypes)
        turns = AggregateTurns(waitingCountMax: configuration.waitingUpdateCountMax)
        identityMap = Mutex(LeastRecentlyUsed(countMax: configuration.identityMapCountMax))
    }

    /// A repository without snapshots and routing.
    public convenience init(eventStore: any EventStore) {
        self.init(RepositoryConfiguration(eventStore: eventStore))
    }

    /// Whether the aggregate has been saved.
    /// - Throws: `store` where the event store fails.
    public func exists(_ id: AggregateID) async throws(RepositoryError) -> Bool {
        do throws(StoreError) {
            let first = try await configuration.eventStore.read(EventQuery(.aggregate(id), limit: 1))
            guard let type = first.events.first?.aggregateType else { return false }
            return type == Root.aggregateType || type == ""
        } catch {
            throw .store(error, aggregateID: id)
        }
    }

    /// How many updates of an aggregate wait for others of this repository.
    public func waitingUpdateCount(for id: AggregateID) -> Int { turns.waitingCount(for: id) }

    /// How many aggregates are being updated now.
    package var heldTurnCount: Int { turns.lineCount }

    /// Forgets what is kept in memory. The next load reads a snapshot or all events.
    public func removeAllFromMemory() { identityMap.withLock { $0.removeAll() } }

    /// Refuses to work with declarations that contradict each other.
    func checkModel(for id: AggregateID) throws(RepositoryError) {
        if let problem = model.problem { throw RepositoryError(.invalidModel, problem, aggregateID: id) }
    }

    func remembered(_ id: AggregateID) -> Root? { identityMap.withLock { $0.use(id) } }

    func forget(_ id: AggregateID) { identityMap.withLock { $0.remove(id) } }

    /// Keeps a root in memory that holds nothing but stored events, unless a newer one is kept.
    func remember(_ root: Root) {
        let position = root.lifecycle.stamp?.position
        identityMap.withLock { kept in
            kept.insert(root, for: root.id) { known in
                guard let position, let known = known.lifecycle.stamp?.position else { return false }
                return known > position
            }
        }
    }
}
