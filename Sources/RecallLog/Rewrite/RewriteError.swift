// Why a sealed segment stays as it is. None of these is a failure of the log: the segment that was to be rewritten
// is whole, and in its place.

internal import Recall

/// What ends the rewriting of a segment.
package enum RewriteError: Error {
    case disk(DiskError)
    /// The segment is not what was written: that is for reading and verifying to report, byte for byte as it is.
    case damaged(String)
    /// The segment holds what this program cannot say in another way, or would not become smaller.
    case unfit(String)
    /// What was written does not say the same as the segment.
    case different(String)
    /// Whoever waits for the log to close asked for an end.
    case stopped

    /// In words, for an operator.
    package var reason: String {
        switch self {
        case .disk(let error): error.description
        case .damaged(let reason): "the segment is damaged: \(reason)"
        case .unfit(let reason): reason
        case .different(let reason): "what was written is not what was read: \(reason)"
        case .stopped: "the log is closing"
        }
    }

    /// The failure of a layer above the disk.
    init(_ error: StoreError) {
        if let cause = error.cause as? DiskError {
            self = .disk(cause)
        } else {
            self = .damaged(error.message)
        }
    }
}
