// Load, change, save, and once more when somebody else was faster. The change runs on a copy each time,
// so that nothing of a refused or repeated attempt is left.

extension Repository {
    /// Loads an aggregate, changes it and saves it; after a conflict it is loaded and changed again.
    /// - Parameters:
    ///   - metadata: stored with each event.
    ///   - retries: how often it is tried again after a conflict.
    ///   - change: decides on the loaded state what happens. May run several times, so it should do
    ///     nothing but stage events. When it throws, nothing is stored.
    /// - Returns: what `change` returned when its events were stored.
    /// - Throws: what `change` throws, unchanged; `RepositoryError` for what `load` and `save` throw, with
    ///   `conflict` when the last attempt met one too.
    @discardableResult
    public nonisolated(nonsending) func update<Result>(
        _ id: AggregateID, metadata: EventMetadata = [:], retries: Int = 10,
        _ change: (inout Root) throws -> Result
    ) async throws -> Result {
        var retriesLeft = retries
        while true {
            var root = try await load(id)
            let result = try change(&root)
            do throws(RepositoryError) {
                try await save(&root, metadata: metadata)
                return result
            } catch {
                guard error.code == .conflict, retriesLeft > 0, !Task.isCancelled else { throw error }
                retriesLeft -= 1
                // Lets the one that was faster finish, where both run on one thread.
                await Task.yield()
            }
        }
    }

    /// Makes a new aggregate and saves it.
    /// - Parameters:
    ///   - id: the identity of the new aggregate.
    ///   - metadata: stored with each event.
    ///   - change: stages the first events. When it throws, or stages nothing, nothing is stored.
    /// - Returns: the aggregate as it is saved.
    /// - Throws: what `change` throws, unchanged; `RepositoryError`, with `conflict` where the aggregate
    ///   exists already.
    @discardableResult
    public nonisolated(nonsending) func create(
        _ id: AggregateID = AggregateID(), metadata: EventMetadata = [:],
        _ change: (inout Root) throws -> Void
    ) async throws -> Root {
        var root = Root(id: id)
        try change(&root)
        try await save(&root, metadata: metadata)
        return root
    }

    /// Carries out a command on an aggregate; after a conflict it is loaded and asked again.
    /// - Throws: the command's `Refusal`, unchanged, and then nothing is stored; `RepositoryError`.
    public func perform<Request: Command>(
        _ command: Request, on id: AggregateID, metadata: EventMetadata = [:], retries: Int = 10
    ) async throws where Request.Target == Root {
        try await update(id, metadata: metadata, retries: retries) { root in
            try command.execute(on: &root)
        }
    }

    /// Carries out a command on a new aggregate.
    /// - Returns: the aggregate as it is saved.
    /// - Throws: the command's `Refusal`, unchanged, and then nothing is stored; `RepositoryError`.
    @discardableResult
    public func perform<Request: Command>(
        _ command: Request, creating id: AggregateID, metadata: EventMetadata = [:]
    ) async throws -> Root where Request.Target == Root {
        try await create(id, metadata: metadata) { root in try command.execute(on: &root) }
    }
}
