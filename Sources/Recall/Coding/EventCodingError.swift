// Why a stored event could not be understood, or one could not be written. It names the event, its place
// and what to register, because whoever reads it has a log full of events and one wrong program.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Why a payload could not be encoded, or a stored event not be decoded.
public struct EventCodingError: LocalizedError, Sendable, CustomStringConvertible,
    CustomDebugStringConvertible
{
    /// What kind of failure it is.
    public enum Code: Hashable, Sendable {
        /// No event case, and no chain of upcasters to one, is registered for the stored event.
        case unknownEvent
        /// The stored bytes are not what the payload's type, or an upcaster, expects.
        case undecodable
        /// The stored event is ignored, or upcasters make several events or none of it, and one was asked for.
        case notOneEvent
        /// The payload cannot be written, such as one with a number that is not finite.
        case unencodable
        /// The payload's type is not among the cases of its event enum.
        case unregistered
    }

    /// What kind of failure it is.
    public var code: Code
    /// One sentence: what is wrong, where, and what to do next.
    public var message: String
    /// The event as it is stored, or would have been.
    public var schema: EventSchema
    /// Where the event is stored; nil for one that is not stored.
    public var position: Position?
    /// What the codec or an upcaster threw.
    public var cause: (any Error)?

    init(
        _ code: Code, _ message: String, schema: EventSchema, position: Position? = nil,
        cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.schema = schema
        self.position = position
        self.cause = cause
    }

    /// The message, as everything shows it that shows errors.
    public var errorDescription: String? { message }

    public var description: String { message }

    /// The message with its code and its cause, for a developer.
    public var debugDescription: String {
        ErrorText.debugging(message, code: "\(code)", causes: cause.map { [$0] } ?? [])
    }
}
