// Commands to deciders. A decider has an initial state and no other beginning, so that nobody has to know whether anything has happened to it yet.

extension Repository {
    /// Decides a command on the state as it is now, and stores what happens. Where nothing has happened yet the state is the initial one.
    ///
    /// Calls for one identity take turns, and after a conflict with somebody else the decision is made again, as in `update(_:metadata:timeout:_:)`.
    /// - Parameters:
    ///   - metadata: stored with each event.
    ///   - timeout: how long after the first attempt another may begin after a conflict; nil for what the configuration says.
    /// - Returns: the state as it is saved, what has happened, and where the events are.
    /// - Throws: the decider's `Refusal`, unchanged, and then nothing is stored; what `update` throws, but for `notFound`.
    @discardableResult
    public nonisolated(nonsending) func decide<Logic: Decider>(
        _ command: Logic.Command, on id: AggregateID, metadata: EventMetadata = [:], timeout: Duration? = nil
    ) async throws -> Saved<Root, [Logic.Fact]> where Root == Decided<Logic> {
        let saved = try await UnitOfWork.commit(metadata: metadata, timeout: timeout) { unit in
            try await decide(command, on: id, in: unit)
        }
        var receipt = SaveReceipt(commit: saved.receipt.commit)
        if let unrouted = saved.receipt.unrouted.first {
            receipt.routing = .failed(unrouted)
        } else if receipt.commit != nil, configuration.router != nil {
            receipt.routing = .routed
        }
        return Saved(aggregate: saved.aggregate(id) ?? Root(id: id), result: saved.result, receipt: receipt)
    }

    /// Decides a command in a unit of work, which saves what happens together with the others.
    /// - Returns: what has happened.
    /// - Throws: the decider's `Refusal`, unchanged; what `createOrUpdate(_:in:_:)` throws.
    @discardableResult
    public nonisolated(nonsending) func decide<Logic: Decider>(
        _ command: Logic.Command, on id: AggregateID, in unit: UnitOfWork
    ) async throws -> [Logic.Fact] where Root == Decided<Logic> {
        try await createOrUpdate(id, in: unit) { root in try root.decide(command) }
    }
}
