// Where a replay stopped, and why.

/// A replay stopped.
public struct PlayerError: Error, Sendable, CustomStringConvertible {
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

    public var description: String {
        guard let cause else { return message }
        return "\(message) [cause: \(cause)]"
    }
}
