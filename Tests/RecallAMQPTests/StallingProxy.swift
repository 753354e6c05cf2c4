// A network between router and broker that stops to pass things on when a test wants it: what a peer that does not read looks like.

import RecallServerTestSupport
import RecallThreads

/// Passes connections on to a server on loopback, and holds what comes from the clients for as long as it is told to. What the server
/// sends, its heartbeats above all, goes on.
final class StallingProxy: Sendable {
    private let isStalled: Monitor<Bool>
    private let proxy: LoopbackProxy

    init(to serverPort: UInt16) throws {
        let isStalled = Monitor(false)
        self.isStalled = isStalled
        proxy = try LoopbackProxy(to: serverPort) {
            (
                requests: { bytes in
                    isStalled.wait { $0 ? nil : () }
                    return bytes.count
                },
                answers: { $0.count }
            )
        }
    }

    var port: UInt16 { proxy.port }

    /// How many connections of clients are open.
    var openCount: Int { proxy.openCount }

    /// Ends the proxy and all that waits in it.
    func stop() {
        resume()
        proxy.stop()
    }

    func stall() { isStalled.withLock { $0 = true } }

    func resume() {
        isStalled.withLock { $0 = false }
        isStalled.broadcast()
    }
}
