// What became of the events after they were stored. It is a value beside the receipt and never a thrown error: who reads an
// error as "not stored" and tries again would store everything twice.

/// Whether the events of a save got to the router.
public enum RoutingOutcome: Sendable {
    /// Nothing was stored, or the repository has no router.
    case nothingToRoute
    /// The router has taken all of them.
    case routed
    /// The events are stored, and the router failed. They are not to be saved again: `Repository.routeAgain(_:)` routes them
    /// from the store.
    case failed(UnroutedEvents)

    /// What did not get through; nil where all did.
    public var unrouted: UnroutedEvents? {
        if case .failed(let unrouted) = self { return unrouted }
        return nil
    }
}
