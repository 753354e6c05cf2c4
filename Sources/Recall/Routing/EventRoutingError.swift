// Why events did not get where they should, and which.

/// A router failed; the events are stored all the same.
public struct EventRoutingError: Error, Sendable, CustomStringConvertible {
    /// One sentence: which part failed, on which event, and what to do next.
    public var message: String
    /// The events that did not get through everywhere.
    public var unroutedPositions: ClosedRange<Position>
    /// What failed, in order of the routers or handlers.
    public var causes: [any Error]
    /// Whether no event is at fault: what they were to reach is down, and they can get through later.
    public var isTransient: Bool

    /// An error with what is known about it.
    /// - Parameters:
    ///   - message: one sentence: which part failed, on which event, and what to do next.
    ///   - unroutedPositions: the events that did not get through everywhere. All before them did.
    ///   - causes: what failed, in order of the routers or handlers.
    ///   - isTransient: whether no event is at fault; nil for what the causes say: true where one of them does.
    public init(
        _ message: String, unroutedPositions: ClosedRange<Position>, causes: [any Error],
        isTransient: Bool? = nil
    ) {
        self.message = message
        self.unroutedPositions = unroutedPositions
        self.causes = causes
        self.isTransient = isTransient ?? causes.contains(where: \.isTransientFailure)
    }

    public var description: String {
        causes.isEmpty
            ? message : "\(message) [causes: \(causes.map { "\($0)" }.joined(separator: "; "))]"
    }
}

extension EventRoutingError: RoutingFailure {}
