// Why events did not get where they should, and which.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A router failed; the events are stored all the same.
public struct EventRoutingError: LocalizedError, Sendable, CustomStringConvertible,
    CustomDebugStringConvertible
{
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

    /// The message, as everything shows it that shows errors.
    public var errorDescription: String? { message }

    public var description: String { message }

    /// The message with its causes, for a developer.
    public var debugDescription: String {
        ErrorText.debugging(message, causes: causes)
    }
}

extension EventRoutingError: RoutingFailure, ErrorWithCauses {}
