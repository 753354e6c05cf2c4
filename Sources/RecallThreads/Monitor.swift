// A lock with a condition to wait for, which the standard library does not have. Only threads that may block wait here,
// never a thread of Swift's cooperative pool. Public, though it is in no product: across modules the compiler makes code
// for a caller's own types only of what is public and inlinable, and the log's hot paths need that.

#if canImport(Glibc)
public import Glibc
#elseif canImport(Musl)
public import Musl
#else
public import Darwin
#endif

/// State that threads share, one at a time, and wait on.
///
/// `@unchecked Sendable`: the state is reached only through `withLock`, which holds the mutex.
public final class Monitor<State>: @unchecked Sendable {
    @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>
    @usableFromInline let condition: UnsafeMutablePointer<pthread_cond_t>
    /// Behind a pointer, not a property: the mutex keeps accesses apart, and Swift need not check that again.
    @usableFromInline let state: UnsafeMutablePointer<State>

    /// A lock around a state.
    @inlinable public init(_ state: sending State) {
        self.state = .allocate(capacity: 1)
        self.state.initialize(to: state)
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        #if canImport(Darwin)
        pthread_cond_init(condition, nil)
        #else
        // Times are measured by a clock that nobody sets: a wait must not take an hour longer because somebody has.
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
        #endif
    }

    @inlinable deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        state.deinitialize(count: 1)
        state.deallocate()
        condition.deallocate()
        mutex.deallocate()
    }

    /// Runs `body` while nobody else has the state.
    @inlinable public func withLock<Result: Sendable, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state.pointee)
    }

    /// Waits until `body` returns a value; it is asked under the lock, first at once and then after each signal.
    @inlinable public func wait<Result: Sendable>(until body: (inout State) -> Result?) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&state.pointee) { return result }
            pthread_cond_wait(condition, mutex)
        }
    }

    /// Like `wait(until:)`, for at most about `timeout`.
    /// - Returns: nil when the time passed first.
    @inlinable public func wait<Result: Sendable>(
        for timeout: Duration, until body: (inout State) -> Result?
    ) -> Result? {
        let deadline = ContinuousClock.now + timeout
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&state.pointee) { return result }
            let left = deadline - .now
            if left <= .zero { return nil }
            waitForSignal(for: left)
        }
    }

    /// Gives the lock back until there is a signal, the time is over, or the system wakes the thread for no reason.
    @inlinable func waitForSignal(for timeout: Duration) {
        let (seconds, attoseconds) = timeout.components
        var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        #if canImport(Darwin)
        pthread_cond_timedwait_relative_np(condition, mutex, &time)
        #else
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        time.tv_sec += now.tv_sec
        time.tv_nsec += now.tv_nsec
        if time.tv_nsec >= 1_000_000_000 {
            time.tv_sec += 1
            time.tv_nsec -= 1_000_000_000
        }
        pthread_cond_timedwait(condition, mutex, &time)
        #endif
    }

    /// Wakes one thread that waits.
    @inlinable public func signal() { pthread_cond_signal(condition) }

    /// Wakes all threads that wait.
    @inlinable public func broadcast() { pthread_cond_broadcast(condition) }
}
