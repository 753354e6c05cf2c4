// Where events go when they are stored. A router comes after the store, never before it and never
// instead of it: whatever it does, the events have happened.

/// Passes stored events on.
public protocol EventRouter: Sendable {
    /// Passes on the events of one commit, in order. The events are stored, and stay stored when it fails.
    ///
    /// The same events may come again, when a save was repeated or a program routes from the store.
    /// - Throws: any error; an `EventRoutingError` can say which of the events got through.
    func route(_ events: [RecordedEvent]) async throws
}
