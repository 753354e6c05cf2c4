// How long a call may take. The time belongs to the caller and begins with the call: waiting for a thread, for a connection, for
// the server and for the next attempt are all part of it.

internal import Recall

/// The time of one call.
struct CallTime: Sendable {
    private let start = ContinuousClock.now
    /// Behind it no further attempt is begun.
    let retryEnd: Deadline
    /// Behind it nothing is waited for. The first attempt gets what one attempt may take, also where calls are not tried again.
    /// What is on its way then, and moves, goes on: a large event over a slow line arrives.
    let end: Deadline

    /// - Parameter isAppend: whether replicas may be waited for.
    init(_ configuration: RedisStoreConfiguration, isAppend: Bool = false) {
        let attempt = configuration.connectTimeout + configuration.commandTimeout
        let replicas =
            isAppend && configuration.replicaAcknowledgementCount > 0 ? configuration.replicaTimeout : .zero
        retryEnd = Deadline.after(configuration.retryDuration)
        end = Deadline.after(max(configuration.retryDuration, attempt + replicas))
    }

    /// Of whoever waits for events: attempts are counted, and the waiting itself has no end.
    init(waitingWith configuration: RedisStoreConfiguration) {
        retryEnd = Deadline.after(configuration.retryDuration)
        end = .never
    }

    /// How long it has taken so far, for messages: in tenths of a second.
    var elapsed: String {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return "\(seconds).\(attoseconds / 100_000_000_000_000_000) s"
    }
}
