// How a result gets from a thread of our own to a task that waits for it. What resumes a task puts things in order, but the thread
// sanitizer cannot see that order; a lock it can.

internal import Synchronization

/// Suspends tasks for values that threads give.
package enum HandOver {
    private final class Place<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
    }

    /// Suspends the task until a value is given.
    /// - Parameter body: gets what gives the value, and sees to it that it is called, once, on any thread.
    package static func value<Value: Sendable>(
        _ body: (_ give: @escaping @Sendable (Value) -> Void) -> Void
    ) async -> Value {
        let place = Place<Value>()
        await withCheckedContinuation { continuation in
            body { value in
                place.value.withLock { $0 = value }
                continuation.resume()
            }
        }
        guard let value = place.value.withLock({ $0.take() }) else {
            preconditionFailure("a task was resumed without a value")
        }
        return value
    }
}
