// The commands run on the main thread, which may block; what is only offered asynchronously is waited
// for here, so that no thread of Swift's own pool ever is.

import Dispatch
import Synchronization

enum AsyncWork {
    private final class Outcome<Value: Sendable>: Sendable {
        let result = Mutex<Result<Value, any Error>?>(nil)
        let isDone = DispatchSemaphore(value: 0)
    }

    /// Runs `body` and waits for its end. Called on the main thread only.
    /// - Parameter started: gets the task, so that it can be cancelled.
    static func run<Value: Sendable>(
        started: (Task<Void, Never>) -> Void = { _ in },
        _ body: @escaping @Sendable () async throws -> Value
    ) throws -> Value {
        let outcome = Outcome<Value>()
        let task = Task.detached {
            let result: Result<Value, any Error>
            do {
                result = .success(try await body())
            } catch {
                result = .failure(error)
            }
            outcome.result.withLock { $0 = result }
            outcome.isDone.signal()
        }
        started(task)
        outcome.isDone.wait()
        guard let result = outcome.result.withLock({ $0 }) else { throw CancellationError() }
        return try result.get()
    }
}
