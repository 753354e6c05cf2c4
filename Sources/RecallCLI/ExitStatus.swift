// What the program says to the shell when it ends. Scripts rely on these numbers: they are a contract
// (docs/cli.md), and no path out of the program may use another one.

import Recall

/// The exit statuses of the program.
enum ExitStatus: Int32 {
    case done = 0
    /// The store is damaged, or a check failed.
    case damaged = 1
    /// Wrong usage, or bad input.
    case badInput = 2
    /// An expected version did not hold, or an event id was used with another body.
    case conflict = 3
    /// The store is locked, missing or unreadable.
    case unavailable = 4

    /// The status that an error of a store ends the program with.
    init(_ code: StoreError.Code) {
        self =
            switch code {
            case .damaged: .damaged
            case .limitExceeded, .invalidArgument: .badInput
            case .conflict, .eventIDReused, .duplicateEventID: .conflict
            default: .unavailable
            }
    }
}
