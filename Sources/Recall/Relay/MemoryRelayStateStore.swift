// A relay's state in memory: for tests, and for routers whose events need not survive the process.

internal import Synchronization

/// Keeps a relay's state in memory, as long as the object lives. Nothing is durable.
public final class MemoryRelayStateStore: RelayStateStore {
    private let state: Mutex<RelayState>

    /// - Parameter state: where the relay begins; before the first event unless said otherwise.
    public init(_ state: RelayState = RelayState()) { self.state = Mutex(state) }

    /// The state that was saved last. Never fails.
    public func load() async throws(StoreError) -> RelayState { state.withLock { $0 } }

    /// Keeps a state. Nothing is durable on return. Never fails.
    public func save(_ state: RelayState) async throws(StoreError) { self.state.withLock { $0 = state } }
}
