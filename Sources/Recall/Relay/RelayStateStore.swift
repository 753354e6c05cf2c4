// Where a relay's state is kept between its lives.

/// Keeps the state of one relay.
public protocol RelayStateStore: Sendable {
    /// The state that was saved last, or an earlier one where that was lost; a new one where none was saved.
    /// - Throws: `damaged` where there was one that cannot be read: a relay never begins anew by itself.
    func load() async throws(StoreError) -> RelayState

    /// Keeps a state in place of the one before. On return it is as durable as the store promises; a crash on the way
    /// leaves the one or the other.
    /// - Throws: what kept it from being saved; which of the two is kept is unknown then.
    func save(_ state: RelayState) async throws(StoreError)
}
