// What a store's author hands to a conformance suite: how to make an empty store, and how to close
// it and open the same data again. Each case gets a store of its own.

/// Makes the stores that a conformance suite runs on.
public struct ConformanceSubject<Store: Sendable>: Sendable {
    let make: @Sendable () async throws -> ConformanceInstance<Store>

    /// - Parameter make: makes a store that holds nothing and shares nothing with one made before.
    public init(make: @escaping @Sendable () async throws -> ConformanceInstance<Store>) {
        self.make = make
    }
}

/// One open store, with what the suite needs beside the store's own calls.
public struct ConformanceInstance<Store: Sendable>: Sendable {
    let store: Store
    let reopen: (@Sendable () async throws -> ConformanceInstance<Store>)?
    let dispose: @Sendable () async throws -> Void

    /// - Parameters:
    ///   - store: the open store.
    ///   - reopen: closes the store and opens the same data again; nil where a store keeps nothing
    ///     after it was closed, and then the cases that need it are skipped.
    ///   - dispose: closes the store and removes its data. Called once, at the end of a case, on the
    ///     instance that was opened last.
    public init(
        store: Store,
        reopen: (@Sendable () async throws -> ConformanceInstance<Store>)? = nil,
        dispose: @escaping @Sendable () async throws -> Void = {}
    ) {
        self.store = store
        self.reopen = reopen
        self.dispose = dispose
    }
}
