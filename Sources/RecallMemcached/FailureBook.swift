// Which servers are left alone now: one book for all clients of a store. Each of them would find out by itself otherwise, again and
// again, and each time a thread would wait for the whole timeout, while callers of other servers wait for a thread.
//
// Invariant: a server that failed is left alone for an interval; then one caller tries it, and all others pass it by until it is known
// how that ended.

internal import Synchronization

/// Remembers servers that failed.
final class FailureBook: Sendable {
    private enum Circuit: Sendable {
        case open(until: ContinuousClock.Instant)
        /// Somebody tries the server.
        case probing
    }

    /// What a caller may do.
    enum Admission: Sendable {
        case go
        /// The caller tries for all.
        case probe
        /// The server is left alone.
        case leave
    }

    private let interval: Duration
    private let now: @Sendable () -> ContinuousClock.Instant
    /// Servers by their number; one that is not there is well.
    private let circuits = Mutex<[UInt32: Circuit]>([:])

    init(_ configuration: MemcachedConfiguration) {
        interval = configuration.retryInterval
        now = configuration.now
    }

    /// Asks for a server. Whoever may probe it says how that ended.
    func admission(to server: UInt32) -> Admission {
        let now = now()
        return circuits.withLock { circuits in
            switch circuits[server] {
            case nil: return .go
            case .probing: return .leave
            case .open(let end) where now < end: return .leave
            case .open:
                circuits[server] = .probing
                return .probe
            }
        }
    }

    /// How an attempt ended.
    func note(_ server: UInt32, hasFailed: Bool, _ admission: Admission) {
        let end = now() + interval
        circuits.withLock { circuits in
            switch (hasFailed, admission) {
            case (true, .probe): circuits[server] = .open(until: end)
            case (true, _):
                // What was under way when the server failed says nothing of the probe.
                if case .probing = circuits[server] { return }
                circuits[server] = .open(until: end)
            case (false, .probe): circuits[server] = nil
            case (false, _): break
            }
        }
    }
}
