// Why events did not get where they should, and which.

/// A router failed; the events are stored all the same.
public struct EventRoutingError: Error, Sendable, CustomStringConvertible {
    /// One sentence: which part failed, on which event, and what to do next.
    public var message: String
    /// The events that did not get through everywhere.
    public var unroutedPositions: ClosedRange<Position>
    /// What failed, in order of the routers or handlers.
    public var causes: [any Error]

    /// An error with what is known about it.
    public init(_ message: String, unroutedPositions: ClosedRange<Position>, causes: [any Error]) {
        self.message = message
        self.unroutedPositions = unroutedPositions
        self.causes = causes
    }

    public var description: String {
        "\(message) [causes: \(causes.map { "\($0)" }.joined(separator: "; "))]"
    }
}
