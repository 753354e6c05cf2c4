// The bound of everything that waits for a broker. rabbitmq-c sends without a deadline: where a broker does not read, as RabbitMQ
// while it is out of memory or disk space, a send into a full socket waits for as long as the broker likes, and its heartbeats, which
// go on coming, only prolong that. So a thread watches the clock, and shuts the socket down under a call whose time is over.
//
// Invariant: the descriptor is a duplicate of the socket's, which nobody else closes: rabbitmq-c may have closed its own, whose
// number can be another file's by then.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import Recall
internal import RecallThreads

/// Ends the waiting of one connection when its time is over.
final class AMQPTimeLimit: Sendable {
    private struct State: Sendable {
        /// The duplicate; nil when it was closed.
        var descriptor: Int32?
        /// When what waits now is ended; nil where nothing does.
        var deadline: ContinuousClock.Instant?
        /// What the thread sleeps until; nil while it sleeps until it is woken.
        var alarm: ContinuousClock.Instant?
        var hasPassed = false
    }

    private let state: Monitor<State>

    /// - Parameter descriptor: of a socket that is connected.
    /// - Throws: transient, where the system has no descriptor or thread to give.
    init(of descriptor: Int32) throws(AMQPError) {
        let duplicate = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard duplicate >= 0 else {
            throw AMQPError(
                "The socket of a connection could not be watched: \(String(cString: strerror(errno))); it is tried again.",
                isTransient: true)
        }
        let state = Monitor(State(descriptor: duplicate))
        self.state = state
        do throws(StoreError) {
            try WorkerThread.start { Self.watch(state) }
        } catch {
            close(duplicate)
            state.withLock { $0.descriptor = nil }
            throw AMQPError("\(error.message)", isTransient: true)
        }
    }

    deinit { end(isAborted: true) }

    /// Whether a time passed before what was waited for, so that the connection is of no use any more.
    var hasPassed: Bool { state.withLock { $0.hasPassed } }

    /// Does something that may wait. When the time has come before it ends, the socket is shut down, and whatever waits for it fails.
    func until<Value>(
        _ deadline: ContinuousClock.Instant, _ body: () throws(AMQPError) -> Value
    ) throws(AMQPError) -> Value {
        let isToWake = state.withLock { state in
            state.deadline = deadline
            return state.alarm.map { $0 > deadline } ?? true
        }
        if isToWake { state.broadcast() }
        defer { state.withLock { $0.deadline = nil } }
        return try body()
    }

    /// Ends the thread, and gives the duplicate back. Doing so twice does nothing.
    /// - Parameter isAborted: whether what the broker has not got is thrown away when the socket is closed. Else the system keeps
    ///   it, and the socket, for as long as a broker does not read.
    func end(isAborted: Bool) {
        state.withLock { state in
            guard let descriptor = state.descriptor else { return }
            if isAborted {
                var abort = linger(l_onoff: 1, l_linger: 0)
                setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &abort, socklen_t(MemoryLayout<linger>.size))
            }
            close(descriptor)
            state.descriptor = nil
        }
        state.broadcast()
    }

    private enum Alarm: Sendable {
        case end
        case at(ContinuousClock.Instant)
    }

    /// The thread holds the state alone, so that it ends with the connection.
    private static func watch(_ state: Monitor<State>) {
        while true {
            let alarm = state.wait { state -> Alarm? in
                if state.descriptor == nil { return .end }
                state.alarm = state.deadline
                return state.deadline.map { .at($0) }
            }
            guard case .at(let deadline) = alarm else { return }
            let rest = deadline - ContinuousClock.now
            if rest > .zero {
                // A later deadline than this wakes nobody: it is seen when this one has come.
                _ = state.wait(for: rest) { state -> Bool? in
                    let isEarlier = state.deadline.map { $0 < deadline } ?? false
                    return state.descriptor == nil || isEarlier ? true : nil
                }
                continue
            }
            state.withLock { state in
                guard let descriptor = state.descriptor, state.deadline == deadline else { return }
                state.hasPassed = true
                state.deadline = nil
                shutdown(descriptor, Int32(SHUT_RDWR))
            }
        }
    }
}
