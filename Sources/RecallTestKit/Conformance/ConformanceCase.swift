// One named condition that a store has to meet. A case is a value, so that a suite is a list, to be
// given to a parametrised test, filtered, or run in a loop.

/// One condition, checked on a store of its own.
public struct ConformanceCase<Store: Sendable>: Sendable, CustomStringConvertible {
    /// Names the condition; unique in its suite and stable, so that a test can leave it out by name.
    public let name: String
    /// Whether the case closes the store and opens the same data again.
    public let needsReopening: Bool
    private let body: @Sendable (ConformanceSession<Store>) async throws -> Void

    init(
        _ name: String, needsReopening: Bool = false,
        _ body: @escaping @Sendable (ConformanceSession<Store>) async throws -> Void
    ) {
        self.name = name
        self.needsReopening = needsReopening
        self.body = body
    }

    public var description: String { name }

    /// Makes a store, checks the condition and disposes of the store.
    /// - Returns: whether the condition was checked, or skipped because it does not apply.
    /// - Throws: `ConformanceFailure` where the store does not meet the condition, or what the store
    ///   threw where it should not have thrown.
    @discardableResult
    public func run(on subject: ConformanceSubject<Store>) async throws -> ConformanceOutcome {
        let instance = try await subject.make()
        let session = ConformanceSession(instance)
        if needsReopening, instance.reopen == nil {
            try await session.dispose()
            return .skipped("the store cannot be reopened")
        }
        do {
            try await body(session)
        } catch {
            try? await session.dispose()
            throw error
        }
        try await session.dispose()
        return .passed
    }
}

/// How a conformance case ended that did not fail.
public enum ConformanceOutcome: Hashable, Sendable {
    /// The store meets the condition.
    case passed
    /// The condition does not apply to the store, and why.
    case skipped(String)
}
