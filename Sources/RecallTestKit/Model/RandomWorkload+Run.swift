// Runs a workload against a store, step by step beside the model.

public import Recall

extension RandomWorkload {
    /// Appends random commits to a store and compares each answer, some queries and, at the end, all
    /// that the store holds with the model.
    /// - Parameters:
    ///   - stepCount: how many commits are tried.
    ///   - store: a store that holds what the model holds.
    ///   - model: what the store holds; both have the new commits on return.
    /// - Throws: `ConformanceFailure`, with the seed and the step, where the store is not like the model
    ///   or throws what the model does not.
    public mutating func run(
        _ stepCount: Int, on store: any EventStore, from model: inout ReferenceModel
    ) async throws(ConformanceFailure) {
        var step = 0
        do {
            while step < stepCount {
                step += 1
                try await model.append(nextCommit(after: model), comparing: store)
                if step.isMultiple(of: 5) {
                    try await model.compare(nextQuery(over: model), with: store)
                }
            }
            try await model.compare(with: store)
        } catch {
            throw ConformanceFailure("Seed \(seed), step \(step): \(error)")
        }
    }
}
