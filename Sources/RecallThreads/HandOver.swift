// How a result gets from a thread of our own to a task that waits for it. What resumes a task puts things in order, but the thread
// sanitizer cannot see that order; a lock it can.

internal import Synchronization

/// A place for one value, which a thread gives before it resumes the task that takes it.
package final class HandOver<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)

    package init() {}

    package func give(_ value: Value) { self.value.withLock { $0 = value } }

    /// What was given; nil where nothing was.
    package func take() -> Value? { value.withLock { $0.take() } }

    /// Suspends the task until a value is given.
    /// - Parameter body: gets what gives the value, and sees to it that it is called, once, on any thread.
    package static func value(
        _ body: (_ give: @escaping @Sendable (Value) -> Void) -> Void
    ) async -> Value {
        let place = HandOver()
        await withCheckedContinuation { continuation in
            body { value in
                place.give(value)
                continuation.resume()
            }
        }
        guard let value = place.take() else { preconditionFailure("a task was resumed without a value") }
        return value
    }
}
