// Who waits for an event of a writer in another process: one thread for all of them, which sleeps in the kernel until that writer
// publishes something, and is there only while anybody waits.

internal import Recall
internal import RecallThreads
internal import Synchronization

/// Keeps a follower up to date while somebody waits.
final class FollowerWatch: Sendable {
    private struct State {
        var waiterCount = 0
        var isRunning = false
        var isStopped = false
    }

    private let state = Mutex(State())
    private let follower: LogFollower
    private let published: PublishedPosition

    init(_ follower: LogFollower, _ published: PublishedPosition) {
        self.follower = follower
        self.published = published
    }

    /// Waits until something behind a position can be read.
    func wait(after position: UInt64) async throws(StoreError) {
        let isFirst = state.withLock { state in
            state.waiterCount += 1
            defer { state.isRunning = true }
            return !state.isRunning
        }
        defer { state.withLock { $0.waiterCount -= 1 } }
        if isFirst {
            do throws(StoreError) {
                try WorkerThread.start { [self] in run() }
            } catch {
                state.withLock { $0.isRunning = false }
                throw error
            }
        }
        try await published.wait(after: position)
    }

    /// Ends the thread, at the latest when it wakes.
    func stop() { state.withLock { $0.isStopped = true } }

    private func run() {
        var waitCount = 0
        while true {
            // Before the look: what is published during it is not slept over.
            let limit = follower.limit()
            let before = published.current
            do throws(StoreError) { try follower.refresh() } catch { published.fail(error) }
            waitCount = published.current > before ? 0 : waitCount + 1
            let isDone = state.withLock { state in
                if state.waiterCount == 0 || state.isStopped { state.isRunning = false }
                return !state.isRunning
            }
            if isDone { return }
            follower.sleep(while: limit, waitCount: waitCount)
        }
    }
}
