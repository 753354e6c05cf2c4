// Where a replay stopped, and why.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A replay stopped.
public struct PlayerError: LocalizedError, Sendable, CustomStringConvertible,
    CustomDebugStringConvertible
{
    /// One sentence: what is wrong, where, and what to do next.
    public var message: String
    /// The handler that failed; nil where the store did.
    public var handlerName: String?
    /// The event that the handler failed on.
    public var position: Position?
    /// What was played before, with the checkpoint to go on from.
    public var report: PlayerReport
    /// What the handler threw, or the `StoreError`.
    public var cause: (any Error)?

    init(
        _ message: String, handlerName: String? = nil, position: Position? = nil, report: PlayerReport,
        cause: (any Error)? = nil
    ) {
        self.message = message
        self.handlerName = handlerName
        self.position = position
        self.report = report
        self.cause = cause
    }

    static func cancelled(_ report: PlayerReport) -> PlayerError {
        PlayerError(
            "The task was cancelled while events were played: go on from the checkpoint \(report.checkpoint.position).",
            report: report, cause: CancellationError())
    }

    /// Whether nothing failed: the task was cancelled, and the rest can be played from the checkpoint.
    public var isCancellation: Bool { cause is CancellationError }

    /// The message, as everything shows it that shows errors.
    public var errorDescription: String? { message }

    public var description: String { message }

    /// The message with its cause, for a developer.
    public var debugDescription: String {
        ErrorText.debugging(message, causes: cause.map { [$0] } ?? [])
    }
}
