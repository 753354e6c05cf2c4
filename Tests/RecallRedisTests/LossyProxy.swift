// A network between store and server that loses what a test wants lost. It reads nothing of the protocol but whether a
// request runs a script, which is how it tells appends from what a new connection says.

import RecallServerTestSupport
import RecallThreads

/// Passes connections on to a server on loopback.
final class LossyProxy: Sendable {
    enum Fault: Sendable {
        /// The server gets the scripts, and the connection is lost behind so many bytes of its answers.
        case cutsAnswer(after: Int)
        /// The script is lost with the connection, before the server gets it.
        case losesRequest
        /// The server gets the script, and its answer waits for `release()`.
        case stalls

        /// The server gets the script and its answer is lost with the connection.
        static let losesAnswer = cutsAnswer(after: 0)
    }

    private struct State: Sendable {
        /// What happens to the next scripts, one after the other.
        var faults: [Fault] = []
        var isReleased = false
        var stalledCount = 0
        var scriptRequestCount = 0
    }

    private let state: Monitor<State>
    private let proxy: LoopbackProxy

    init(to serverPort: UInt16) throws {
        let state = Monitor(State())
        self.state = state
        proxy = try LoopbackProxy(to: serverPort) {
            // What happens to the next answer of this connection.
            let fault = Shared<Fault?>(nil)
            return (
                requests: { bytes in
                    guard bytes.contains(word: Array("EVAL".utf8)) else { return bytes.count }
                    let next = state.withLock { state in
                        state.scriptRequestCount += 1
                        return state.faults.isEmpty ? nil : state.faults.removeFirst()
                    }
                    if case .losesRequest = next { return 0 }
                    fault.change { $0 = next }
                    return bytes.count
                },
                answers: { bytes in
                    switch fault.value {
                    case .cutsAnswer(let count):
                        // They may come in pieces.
                        let passedCount = min(count, bytes.count)
                        fault.change { $0 = .cutsAnswer(after: count - passedCount) }
                        return passedCount
                    case .stalls:
                        state.withLock { $0.stalledCount += 1 }
                        state.wait { $0.isReleased ? () : nil }
                        fault.change { $0 = nil }
                    case .losesRequest, nil: break
                    }
                    return bytes.count
                }
            )
        }
    }

    var port: UInt16 { proxy.port }

    /// Ends the proxy and all that waits in it.
    func stop() {
        release()
        proxy.stop()
    }

    func add(_ faults: [Fault]) { state.withLock { $0.faults += faults } }

    /// How many answers wait.
    var stalledCount: Int { state.withLock { $0.stalledCount } }

    /// How many requests had scripts in them: several that are sent together are one.
    var scriptRequestCount: Int { state.withLock { $0.scriptRequestCount } }

    /// How many faults have not come to pass.
    var faultsLeft: Int { state.withLock { $0.faults.count } }

    /// Lets the answers through that wait.
    func release() {
        state.withLock { $0.isReleased = true }
        state.broadcast()
    }
}

extension [UInt8] {
    fileprivate func contains(word: [UInt8]) -> Bool {
        indices.dropLast(word.count - 1).contains { self[$0 ..< $0 + word.count].elementsEqual(word) }
    }
}
