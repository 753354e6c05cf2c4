// The one error that a command ends with: a status for the shell and a sentence for a person.

import Recall

/// Why a command could not do what it was asked.
struct CommandFailure: Error {
    var status: ExitStatus
    /// One sentence: what is wrong, where, and what to do next.
    var message: String

    init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    init(_ error: StoreError) {
        self.init(ExitStatus(error.code), error.message)
    }

    /// What any error that can reach the top means for the shell and for a person.
    init(any error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let error as StoreError: self.init(error)
        default: self.init(.unavailable, ErrorText.sentence(of: error))
        }
    }

    /// The failure of a system call, in the words of the system.
    static func system(_ what: String, _ number: Int32, next: String) -> CommandFailure {
        CommandFailure(.unavailable, "\(what): \(SystemError.text(number)); \(next).")
    }
}
