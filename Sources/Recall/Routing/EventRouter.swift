// Where events go when they are stored. A router comes after the store, never before it and never
// instead of it: whatever it does, the events have happened.

/// Passes stored events on.
public protocol EventRouter: Sendable {
    /// Passes on events, in order: those of one commit from a repository, those of many from a `Relay`. They are stored,
    /// and stay stored when it fails.
    ///
    /// The same events may come again, when a save was repeated or a program routes from the store.
    /// On return all of them got through: a relay moves its cursor then.
    /// - Throws: any error. An `EventRoutingError` can say which of the events got through, and a `RoutingFailure` whether
    ///   the event was refused or its destination could not be reached.
    func route(_ events: [RecordedEvent]) async throws
}
