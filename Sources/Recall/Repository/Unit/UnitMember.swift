// An aggregate in a unit of work: as it was when it was loaded, as it is now, and the repository that knows how it is stored.

/// An aggregate of any type in a unit of work.
protocol UnitMember: AnyObject {
    var id: AggregateID { get }
    var aggregateType: AggregateType { get }
    /// Whether its id must have been free.
    var isCreated: Bool { get }
    var hasRouter: Bool { get }
    /// The position of the last event that was loaded; 0 where there was none.
    var loadedPosition: Position { get }
    /// As it is now.
    var aggregate: any AggregateRoot { get }
    /// The event's id where no key gives it one.
    func makeEventID() -> EventID
    /// Draws up what is staged.
    /// - Returns: the places of the events among all that were staged in the unit, in order; empty where nothing was.
    func gather() throws(RepositoryError) -> [UInt64]
    /// What is to be stored, or, where nothing is staged, only what must be true.
    /// - Parameter eventID: the id of an event by its place.
    nonisolated(nonsending) func part(
        metadata: EventMetadata, eventID: (UInt64) -> EventID
    ) async throws(RepositoryError) -> Commit
    /// Takes note that its events are stored.
    nonisolated(nonsending) func settle(_ receipt: CommitReceipt, lastPosition: Position) async
    /// Loads it again, as it is stored.
    nonisolated(nonsending) func reload() async throws(RepositoryError)
    nonisolated(nonsending) func route(_ stored: StoredCommit) async -> RoutingOutcome
}

/// An aggregate of one type in a unit of work.
final class UnitMemberOf<Root: AggregateRoot>: UnitMember {
    let repository: Repository<Root>
    private let base: Root
    /// Whether the commit has events of it.
    private var isStored = false
    let isCreated: Bool
    var root: Root

    /// - Parameters:
    ///   - base: the aggregate as it is stored, or a new one.
    ///   - isCreated: whether it is an error that somebody else was faster, and no reason to begin anew.
    init(_ base: Root, of repository: Repository<Root>, isCreated: Bool, clock: StagingClock) {
        self.repository = repository
        self.isCreated = isCreated
        var base = base
        base.adopt(clock)
        self.base = base
        root = base
    }

    var id: AggregateID { base.id }
    var aggregateType: AggregateType { Root.aggregateType }
    var hasRouter: Bool { repository.configuration.router != nil }
    var loadedPosition: Position { base.lifecycle.stamp?.position ?? .beforeFirst }
    var aggregate: any AggregateRoot { root }

    func makeEventID() -> EventID { repository.configuration.makeEventID() }

    func gather() throws(RepositoryError) -> [UInt64] {
        try repository.gather(&root)
        return root.lifecycle.staged.map(\.order)
    }

    nonisolated(nonsending) func part(
        metadata: EventMetadata, eventID: (UInt64) -> EventID
    ) async throws(RepositoryError) -> Commit {
        let orders = root.lifecycle.staged.map(\.order)
        try repository.encodeStaged(in: &root) { eventID(orders[$0]) }
        var part = repository.commit(of: root.lifecycle.staged, root: root, metadata: metadata)
        if repository.configuration.checks.comparesAtSave {
            try await repository.check(
                root, from: base, with: part.events, versions: root.lifecycle.staged.map(\.version))
        }
        // The graph's position says all of one that was only looked at.
        if part.events.isEmpty { part.expectedVersions = [:] }
        return part
    }

    nonisolated(nonsending) func settle(_ receipt: CommitReceipt, lastPosition: Position) async {
        isStored = true
        let staged = root.lifecycle.staged
        let versions = Dictionary(
            staged.map { ($0.aggregateID, $0.version) }, uniquingKeysWith: { _, last in last })
        await repository.settle(
            &root, lastPosition: lastPosition, lastEventID: staged.last?.encoded?.id,
            eventCount: staged.count,
            isAsStaged: versions.allSatisfy { receipt.version(of: $0.key) == $0.value })
    }

    nonisolated(nonsending) func reload() async throws(RepositoryError) {
        do throws(RepositoryError) {
            root = try await repository.loadClosedToo(id)
        } catch  where error.code == .notFound {
            root = base
        }
    }

    nonisolated(nonsending) func route(_ stored: StoredCommit) async -> RoutingOutcome {
        guard hasRouter else { return .nothingToRoute }
        if let error = stored.readError {
            guard isStored else { return .nothingToRoute }
            let positions = stored.receipt.firstPosition ... stored.receipt.lastPosition
            return await repository.failed(positions, of: positions, rootID: id, cause: error)
        }
        return await repository.route(stored.events.filter { $0.rootID == id }, rootID: id)
    }
}
