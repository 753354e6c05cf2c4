// How far readers may read: the watermark that the writer moves when a commit's promise holds, and
// that readers in this process and, through a shared page, in others follow.

package import Recall
internal import Synchronization

/// The last position that readers may see.
package final class PublishedPosition: Sendable {
    private struct Waiter {
        var position: UInt64
        var continuation: CheckedContinuation<Result<Void, StoreError>, Never>
    }

    private struct Waiters {
        var byID: [UInt64: Waiter] = [:]
        var nextID: UInt64 = 0
        var closing: StoreError?
    }

    private let position: Atomic<UInt64>
    private let waiterCount = Atomic<Int>(0)
    private let waiters = Mutex(Waiters())
    private let page: WatermarkPage?

    package init(_ position: UInt64, page: WatermarkPage?) {
        self.position = Atomic(position)
        self.page = page
        page?.publish(position)
    }

    package var current: UInt64 { position.load(ordering: .acquiring) }

    /// Lets readers see everything up to `newPosition`.
    package func publish(_ newPosition: UInt64) {
        // First to the other processes: what is seen here, and told to one of them, is then seen there, too.
        page?.publish(newPosition)
        position.store(newPosition, ordering: .sequentiallyConsistent)
        guard waiterCount.load(ordering: .sequentiallyConsistent) > 0 else { return }
        let ready = waiters.withLock { waiters in
            let ids = waiters.byID.filter { $0.value.position < newPosition }.keys
            return ids.compactMap { waiters.byID.removeValue(forKey: $0)?.continuation }
        }
        waiterCount.subtract(ready.count, ordering: .sequentiallyConsistent)
        for continuation in ready { continuation.resume(returning: .success(())) }
    }

    /// Wakes all who wait, with an error, now and from now on.
    package func close(_ error: StoreError) { wakeAll(error, isClosing: true) }

    /// Wakes all who wait, with an error.
    func fail(_ error: StoreError) { wakeAll(error, isClosing: false) }

    private func wakeAll(_ error: StoreError, isClosing: Bool) {
        let all = waiters.withLock { waiters in
            if isClosing { waiters.closing = error }
            defer { waiters.byID.removeAll() }
            return waiters.byID.values.map(\.continuation)
        }
        waiterCount.subtract(all.count, ordering: .sequentiallyConsistent)
        for continuation in all { continuation.resume(returning: .failure(error)) }
    }

    /// Waits until something behind `position` may be read.
    package func wait(after position: UInt64) async throws(StoreError) {
        if current > position { return }
        let id = waiters.withLock { waiters in
            waiters.nextID += 1
            return waiters.nextID
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                enter(Waiter(position: position, continuation: continuation), id: id)
            }
        } onCancel: {
            if let continuation = leave(id) { continuation.resume(returning: .failure(.waitCancelled)) }
        }
        try result.get()
    }

    private func enter(_ waiter: Waiter, id: UInt64) {
        // Counted before the position is looked at once more: whoever publishes after that sees the count.
        waiterCount.add(1, ordering: .sequentiallyConsistent)
        let immediate: Result<Void, StoreError>? = waiters.withLock { waiters in
            if let closing = waiters.closing { return .failure(closing) }
            if Task.isCancelled { return .failure(.waitCancelled) }
            if position.load(ordering: .sequentiallyConsistent) > waiter.position { return .success(()) }
            waiters.byID[id] = waiter
            return nil
        }
        guard let immediate else { return }
        waiterCount.subtract(1, ordering: .sequentiallyConsistent)
        waiter.continuation.resume(returning: immediate)
    }

    private func leave(_ id: UInt64) -> CheckedContinuation<Result<Void, StoreError>, Never>? {
        let waiter = waiters.withLock { $0.byID.removeValue(forKey: id) }
        if waiter != nil { waiterCount.subtract(1, ordering: .sequentiallyConsistent) }
        return waiter?.continuation
    }
}

extension StoreError {
    static let waitCancelled = StoreError(
        .cancelled, "The task was cancelled while it waited for an event; subscribe again to go on.")
}
