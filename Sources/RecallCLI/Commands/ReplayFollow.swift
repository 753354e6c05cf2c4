// `recall replay --follow`: the same read, continued. Catching up and waiting for the next event are one
// loop; whole pages are printed at once, and nothing is held back while it waits.

import Dispatch
import Recall
import RecallLog

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Follows a store until interrupted, until the query's range or limit ends, or nobody reads any more.
struct ReplayFollow {
    let path: String
    let selection: ReplaySelection

    func run() throws {
        let cancellation = Cancellation()
        SignalWatch.start { _ in cancellation.cancel() }
        Self.watchReader { cancellation.cancel() }
        let log = try Log.openBlocking(at: path, access: .readOnly)
        let selection = selection
        do {
            try AsyncWork.run(started: cancellation.attach) {
                try await Self.follow(selection, log.events)
            }
        } catch let error as StoreError where error.code == .cancelled {
            // Asked to stop: that is how following ends.
        }
        try log.closeBlocking()
    }

    /// Prints what there is and what comes.
    static func follow(_ selection: ReplaySelection, _ store: any EventStore) async throws {
        var printer = EventPrinter(progress: ProgressBar("Replaying", unit: "events", isShown: false))
        var selection = selection
        var rest = selection.query
        // Nothing is known yet; then each page proves that the store still holds what was printed.
        rest.cursor = .start
        while !Task.isCancelled {
            var seen = rest.cursor ?? .start
            var next: EventQuery? = rest
            while let query = next, !Task.isCancelled {
                let page = try await store.read(query)
                try printer.print(selection.select(page.events))
                if selection.isDone { return }
                seen = page.cursor ?? seen
                if let limit = rest.limit { rest.limit = max(0, limit - page.events.count) }
                next = page.next
                next?.cursor = seen
            }
            if Task.isCancelled || rest.limit == 0 || seen.position >= rest.positions.upperBound { return }
            rest.cursor = seen
            rest.positions = max(seen.position.next, rest.positions.lowerBound) ... rest.positions.upperBound
            let first = rest.positions.lowerBound.previous
            try await store.waitForEvent(after: first > seen.position ? EventCursor(position: first) : seen)
        }
    }

    /// Calls `body` when the reader of standard output goes away, which no write would tell while
    /// there is nothing to write.
    private static func watchReader(_ body: @escaping @Sendable () -> Void) {
        DispatchQueue(label: "recall.reader").async {
            var wait = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
            while true {
                let result = poll(&wait, 1, -1)
                if result < 0, errno == EINTR { continue }
                if result > 0, wait.revents & Int16(POLLERR | POLLHUP) != 0 { body() }
                return
            }
        }
    }
}
