// What went wrong on the way to the broker, and whose fault it is: the relay waits for a broker that is away, and parks an event
// that is refused.

public import Recall

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A failure of a broker or of the way to it.
public struct AMQPError: RoutingFailure, LocalizedError, CustomStringConvertible {
    /// One sentence: what is wrong, where, and what to do next. Never holds a password.
    public var message: String
    /// The code of the broker's reply, such as 403; nil where it gave none.
    public var replyCode: Int?
    /// Whether no event is at fault: the broker is away, cannot take messages now, or lets nobody in. False where it refused a
    /// message.
    public var isTransient: Bool

    init(_ message: String, replyCode: Int? = nil, isTransient: Bool) {
        self.message = message
        self.replyCode = replyCode
        self.isTransient = isTransient
    }

    /// The message, as everything shows it that shows errors.
    public var errorDescription: String? { message }

    public var description: String { message }
}
