// Whose fault it is that an event did not get through. A relay waits for a neighbour that is down as long as it takes, and
// gives an event up that is refused again and again; whoever throws has to say which of the two it was.

/// An error of a router that knows whether the event was refused or the neighbour could not be reached.
public protocol RoutingFailure: Error {
    /// Whether the event itself has done nothing wrong: what it was to reach is down, restarting, busy or cut off, and the
    /// same event can get through later. False where it was refused: then trying again helps only if somebody changes
    /// something.
    var isTransient: Bool { get }
}

extension Error {
    /// Whether the error says that it is no event's fault. One that says nothing counts as a refusal, so that an
    /// unforeseen error cannot hold up all events for ever.
    package var isTransientFailure: Bool {
        // Work that was called off says nothing about the event.
        if self is CancellationError { return true }
        return (self as? any RoutingFailure)?.isTransient ?? false
    }

    /// Whether what the event was to reach has been closed by its owner, itself or something that it needs. No event is at fault, and
    /// no waiting helps: what is closed stays closed, and somebody has to make another.
    package var isClosedFailure: Bool {
        switch self {
        case let error as StoreError: error.code == .closed
        case let error as RepositoryError: error.cause?.isClosedFailure ?? false
        // One that says of itself that an event was refused means that.
        case let error as EventRoutingError:
            error.isTransient && error.causes.contains(where: \.isClosedFailure)
        default: false
        }
    }
}

extension StoreError: RoutingFailure {
    /// True where the store could not work at all (`unavailable`, `latched`, `locked`, `closed`, `cancelled`), so that nothing
    /// is known about what it was asked to do.
    public var isTransient: Bool {
        [.unavailable, .latched, .locked, .closed, .cancelled].contains(code)
    }
}

extension RepositoryError: RoutingFailure {
    /// True where the cause says so, as with a store that is down, and where the call did not come to its turn.
    public var isTransient: Bool {
        code == .busy || code == .cancelled || (cause?.isTransientFailure ?? false)
    }
}
