// The calls of a repository inside a unit of work: those that it has outside, with the unit beside them. They change nothing but the unit.

extension Repository {
    /// The aggregate as it is in a unit of work, with what the unit has done to it so far. The commit stores nothing where somebody has changed it
    /// since, so that what is decided on it holds.
    /// - Throws: what `load(_:)` throws; `invalidUnit` for one of another store than the others; `busy` where too many wait for the
    ///   aggregate; `CancellationError`.
    public nonisolated(nonsending) func load(_ id: AggregateID, in unit: UnitOfWork) async throws -> Root {
        try await open(id, in: unit).root
    }

    /// Changes an aggregate in a unit of work, which saves it together with the others.
    /// - Parameter change: decides on the state, with what the unit has done to it so far. When it throws, it has changed nothing in the unit.
    /// - Returns: what `change` returns.
    /// - Throws: what `change` throws, unchanged; what `load(_:in:)` throws, with `closed` for one that has ended in the unit, too.
    @discardableResult
    public nonisolated(nonsending) func update<Result>(
        _ id: AggregateID, in unit: UnitOfWork, _ change: (inout Root) throws -> Result
    ) async throws -> Result {
        try Self.apply(change, to: try await open(id, in: unit))
    }

    /// Makes a new aggregate in a unit of work, which saves it together with the others where anything is staged in it. Where the id is taken by then, the
    /// commit throws `alreadyExists` and stores nothing.
    /// - Parameter change: stages the first events. When it throws, the aggregate is not in the unit.
    /// - Returns: what `change` returns.
    /// - Throws: what `change` throws, unchanged; `alreadyExists` for an id that the unit has already; `invalidModel`; `invalidUnit`.
    @discardableResult
    public nonisolated(nonsending) func create<Result>(
        _ id: AggregateID = AggregateID(), in unit: UnitOfWork, _ change: (inout Root) throws -> Result
    ) async throws -> Result {
        try checkModel(for: id)
        if try unit.member(id, of: self) != nil {
            throw RepositoryError.alreadyExists(id, type: Root.aggregateType)
        }
        let member = UnitMemberOf(Root(id: id), of: self, isCreated: true, clock: unit.clock)
        let result = try Self.apply(change, to: member)
        unit.add(member)
        return result
    }

    /// Changes an aggregate in a unit of work, or makes it where there is none: `isNew` tells which. Somebody who makes it at the same time is a conflict as any
    /// other, and the closure of the unit runs again.
    ///
    /// With an id that follows from a name (`AggregateID(of:named:)`) it keeps names unique.
    /// - Parameter change: decides on the state, or stages the first events. When it throws, it has changed nothing in the unit.
    /// - Returns: what `change` returns.
    /// - Throws: what `update(_:in:_:)` throws.
    @discardableResult
    public nonisolated(nonsending) func createOrUpdate<Result>(
        _ id: AggregateID, in unit: UnitOfWork, _ change: (inout Root) throws -> Result
    ) async throws -> Result {
        try Self.apply(change, to: try await open(id, in: unit, isMadeWhereMissing: true))
    }

    /// Carries out a command on an aggregate in a unit of work, as `update(_:in:_:)` does.
    /// - Throws: the command's `Refusal`, unchanged; what `update(_:in:_:)` throws.
    public nonisolated(nonsending) func perform<Request: Command>(
        _ command: Request, on id: AggregateID, in unit: UnitOfWork
    ) async throws where Request.Target == Root {
        try await update(id, in: unit) { root in try command.execute(on: &root) }
    }

    /// Carries out a command on a new aggregate in a unit of work, as `create(_:in:_:)` does.
    /// - Throws: the command's `Refusal`, unchanged; what `create(_:in:_:)` throws.
    public nonisolated(nonsending) func perform<Request: Command>(
        _ command: Request, creating id: AggregateID, in unit: UnitOfWork
    ) async throws where Request.Target == Root {
        try await create(id, in: unit) { root in try command.execute(on: &root) }
    }

    /// The aggregate's place in a unit, with its turn where that can be had.
    private nonisolated(nonsending) func open(
        _ id: AggregateID, in unit: UnitOfWork, isMadeWhereMissing: Bool = false
    ) async throws -> UnitMemberOf<Root> {
        if let member = try unit.member(id, of: self) {
            if !member.root.isClosed { return member }
            throw RepositoryError.closed(id, type: Root.aggregateType, version: member.root.version)
        }
        try await unit.turns.join(UnitTurn(id: id, type: Root.aggregateType, turns: turns))
        let base = try await uncancelled { () throws(RepositoryError) in
            do throws(RepositoryError) {
                return try await load(id)
            } catch  where isMadeWhereMissing && error.code == .notFound {
                return Root(id: id)
            }
        }
        let member = UnitMemberOf(base, of: self, isCreated: false, clock: unit.clock)
        unit.add(member)
        return member
    }

    private static func apply<Result>(
        _ change: (inout Root) throws -> Result, to member: UnitMemberOf<Root>
    ) throws -> Result {
        var root = member.root
        let result = try change(&root)
        member.root = root
        return result
    }
}

extension RepositoryError {
    fileprivate static func alreadyExists(_ id: AggregateID, type: AggregateType) -> RepositoryError {
        RepositoryError(
            .alreadyExists,
            "A new \(type) was to have the id \(id), which an aggregate of the unit of work has already; nothing was written: update the one that is there, or create one under another id.",
            aggregateID: id)
    }
}
