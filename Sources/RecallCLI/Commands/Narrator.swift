// Who tells the story of `recall demo`. Each line goes out at once, so that what is told on standard error
// and what is printed on standard output come in their order.

import Recall
import Synchronization

/// Tells what happens, and prints what the story gives out.
final class Narrator: Sendable {
    private struct State {
        var sessionCount = 0
        var hasReplayed = false
        var failure: (any Error)?
    }

    private let path: String
    private let state = Mutex(State())

    init(path: String) { self.path = path }

    func opened() {
        let count = state.withLock { state in
            state.sessionCount += 1
            return state.sessionCount
        }
        Message.print(
            count == 1
                ? "Opened a log at \(path): founding the company, hiring two people, promoting one, saving."
                : "Opened the log again: this is the company that was loaded from it.")
    }

    func closed() { Message.print("Closed the log.") }

    /// Prints a line of the company.
    func print(_ line: String) {
        write { $0.append(contentsOf: (line + "\n").utf8) }
    }

    /// Prints an event.
    func print(_ event: RecordedEvent) {
        let isFirst = state.withLock { state in
            defer { state.hasReplayed = true }
            return !state.hasReplayed
        }
        if isFirst { Message.print("These are its events:") }
        write { EventLineEncoder.append(event, to: &$0) }
    }

    /// Writes at once, so that what is told and what is printed come in their order.
    private func write(_ body: (inout [UInt8]) -> Void) {
        state.withLock { state in
            guard state.failure == nil else { return }
            var output = OutputWriter()
            body(&output.buffer)
            do {
                try output.flush()
            } catch {
                state.failure = error
            }
        }
    }

    /// - Throws: what kept a line from being printed.
    func end() throws {
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }
}
