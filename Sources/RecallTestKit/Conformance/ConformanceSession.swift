// The store of one running case. It changes when the case closes and reopens its data, and the one
// that was opened last is the one that is disposed of.

internal import Synchronization

/// What a case works with while it runs.
final class ConformanceSession<Store: Sendable>: Sendable {
    private let current: Mutex<ConformanceInstance<Store>>

    init(_ instance: ConformanceInstance<Store>) { current = Mutex(instance) }

    /// The open store.
    var store: Store { current.withLock { $0 }.store }

    /// Closes the store and opens the same data again.
    /// - Returns: the store that is open now.
    @discardableResult
    func reopen() async throws -> Store {
        guard let reopen = current.withLock({ $0 }).reopen else {
            throw ConformanceFailure("The case needs a store that can be reopened, and was not skipped.")
        }
        let instance = try await reopen()
        current.withLock { $0 = instance }
        return instance.store
    }

    func dispose() async throws { try await current.withLock { $0 }.dispose() }
}
