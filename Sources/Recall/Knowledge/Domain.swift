// What a program knows of its events, given once: the aggregates, the codec, the upcasters and what is ignored. Repositories, routers and players that take
// the same domain read the same events alike; given one by one, a player that was forgotten would stop at the first event of an older schema.
//
// What contradicts itself is found when the program starts, and not at the first event.

/// The aggregates of a program, and how their events are stored and read.
///
///     let domain = Domain(Company.self, Account.self, coder: EventCoder(upcasters: […], ignoring: ["CoffeeMade"]))
///     try domain.check()
///     let companies = Repository<Company>(RepositoryConfiguration(eventStore: store, domain: domain))
///     var player = Player(store: store, domain: domain)
public struct Domain: Sendable {
    /// The aggregates, without their children, which they name themselves.
    public let roots: [any AggregateRoot.Type]
    /// The codec, the upcasters and what is ignored.
    public let coder: EventCoder

    /// A domain of some aggregates; JSON without upcasters, and nothing ignored, unless said otherwise.
    public init(_ roots: any AggregateRoot.Type..., coder: EventCoder = EventCoder()) {
        self.roots = roots
        self.coder = coder
    }

    /// Looks for declarations that contradict each other: what a repository would refuse, two aggregates of one name, and upcasters whose chains end at an event
    /// that no aggregate knows and nothing ignores.
    /// - Throws: `invalidModel`, with all that is wrong.
    public func check() throws(RepositoryError) {
        let problems = problems
        if problems.isEmpty { return }
        throw RepositoryError(.invalidModel, problems.joined(separator: " "), aggregateID: .zero)
    }

    private var problems: [String] {
        var problems: [String] = []
        var names: [AggregateType: any AggregateRoot.Type] = [:]
        var known: Set<EventSchema> = []
        for root in roots {
            let model = model(of: root)
            if let problem = model.problem { problems.append(problem) }
            known.formUnion(model.schemas)
            if let other = names.updateValue(root, forKey: root.aggregateType) {
                problems.append(
                    "\(other) and \(root) are both stored as \(root.aggregateType): give one of them another aggregateType."
                )
            }
        }
        return problems + coder.upcasters.deadEnds(knowing: known, ignoring: coder.ignoredTypes)
    }

    private func model<Root: AggregateRoot>(of root: Root.Type) -> EntityModel {
        EntityModel(of: root, upcasters: coder.upcasters, ignoring: coder.ignoredTypes)
    }

    /// An aggregate whose type the caller does not know, as it is now; one that has ended, too.
    /// - Throws: `notFound` where no event has the id; `wrongAggregateType` for an aggregate that is none of the domain's, or for a child; what
    ///   `Repository.load(_:asOf:)` throws.
    public nonisolated(nonsending) func load(
        _ id: AggregateID, from store: any EventStore
    ) async throws(RepositoryError) -> any AggregateRoot {
        let first: RecordedEvent?
        do throws(StoreError) {
            first = try await store.read(EventQuery(.aggregate(id), limit: 1)).events.first
        } catch {
            throw .store(error, aggregateID: id)
        }
        guard let first else { throw .notFound(id, type: "aggregate") }
        guard let root = roots.first(where: { $0.aggregateType == first.aggregateType }), first.rootID == id
        else {
            let names = roots.map { $0.aggregateType.rawValue }.joined(separator: ", ")
            throw RepositoryError(
                .wrongAggregateType,
                "\(id) is a \(first.aggregateType) of the graph of \(first.rootID), and the domain has the aggregates \(names): load a root of these, or add its type to the domain.",
                aggregateID: id)
        }
        return try await load(id, as: root, from: store)
    }

    private nonisolated(nonsending) func load<Root: AggregateRoot>(
        _ id: AggregateID, as root: Root.Type, from store: any EventStore
    ) async throws(RepositoryError) -> any AggregateRoot {
        let configuration = RepositoryConfiguration(eventStore: store, domain: self)
        return try await Repository<Root>(configuration).loadClosedToo(id)
    }
}
