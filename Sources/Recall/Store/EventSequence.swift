// The convenient face of reading: one event after the other, over pages that are fetched as needed.
// Catching up and following are one loop, so there is no seam to lose events in.

extension EventStore {
    /// The events that `query` asks for, one after the other. Nothing is read before the first is asked for;
    /// going over them again reads again.
    ///
    /// In a task that is cancelled the next event is the error `cancelled`: an end would say that these were all.
    public func events(_ query: EventQuery = EventQuery()) -> EventSequence {
        EventSequence(store: self, query: query, isLive: false)
    }

    /// The events from a position on and, when those are read, each new one as it becomes readable.
    ///
    /// Ends when the task is cancelled, as it is when a service shuts down, and when the query's limit or range is reached;
    /// with the error `closed` when the store is closed while the task is not cancelled. What was not taken yet comes to
    /// the next subscription behind the last position.
    ///
    /// Each page proves that the store still holds what was read before; where it does not, the next event is the error
    /// `anotherHistory`. A query that begins behind the end of the store waits until the store has got there, whatever it gets until then; who goes
    /// on from an event that is known says so with `subscribe(_:after:)`.
    public func subscribe(_ query: EventQuery = EventQuery()) -> EventSequence {
        EventSequence(store: self, query: query, isLive: true)
    }

    /// The events behind a cursor and, when those are read, each new one as it becomes readable.
    /// - Parameters:
    ///   - query: which events; forwards.
    ///   - cursor: the event that was passed last. Where the store does not hold it, the first event that is asked for is an error:
    ///     `anotherHistory`.
    public func subscribe(_ query: EventQuery = EventQuery(), after cursor: EventCursor) -> EventSequence {
        EventSequence(store: self, query: query.after(cursor), isLive: true)
    }
}

/// Events in order, fetched page by page.
public struct EventSequence: AsyncSequence, Sendable {
    /// Whole events, copied out of the store.
    public typealias Element = RecordedEvent
    /// Every failure is the store's: damage, a store that was closed, and of what is not live, a cancelled task.
    public typealias Failure = StoreError

    let store: any EventStore
    let query: EventQuery
    let isLive: Bool

    public func makeAsyncIterator() -> Iterator {
        Iterator(store: store, next: query, query: query, isLive: isLive)
    }

    /// Holds one page at a time, and asks the store for the next when that is used up.
    public struct Iterator: AsyncIteratorProtocol {
        let store: any EventStore
        var next: EventQuery?
        var query: EventQuery
        let isLive: Bool
        private var page: [RecordedEvent] = []
        private var index = 0
        private var returnedCount = 0
        /// Everything up to here was looked at, so that following goes on behind it.
        private var seenPosition: Position
        /// Whether the store's pages tell by themselves how far they have looked.
        private var isProved = false

        init(store: any EventStore, next: EventQuery?, query: EventQuery, isLive: Bool) {
            self.store = store
            self.next = next
            self.query = query
            self.isLive = isLive && query.direction == .forwards
            self.seenPosition = query.positions.lowerBound.previous
            // Nothing is known yet; from the first page on, each tells what the next one has to prove.
            if query.direction == .forwards, query.cursor == nil { self.next?.cursor = .start }
        }

        public mutating func next() async throws -> RecordedEvent? {
            try await next(isolation: nil)
        }

        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(StoreError) -> RecordedEvent? {
            while true {
                // At each event, since whoever goes over them may take long for one.
                if Task.isCancelled {
                    if isLive { return nil }
                    throw .readCancelled
                }
                if index < page.count {
                    defer { index += 1 }
                    returnedCount += 1
                    return page[index]
                }
                if let limit = query.limit, returnedCount >= limit { return nil }
                if next == nil, !isLive || seenPosition >= query.positions.upperBound { return nil }
                do throws(StoreError) {
                    if let next { try await fetch(next) } else { try await follow() }
                } catch {
                    // A log that is closed beside a cancelled subscription is no failure of that.
                    if isLive, Task.isCancelled, error.code == .cancelled || error.code == .closed {
                        return nil
                    }
                    throw error
                }
            }
        }

        private nonisolated(nonsending) mutating func fetch(_ query: EventQuery) async throws(StoreError) {
            // Of a store whose pages do not tell. Read before the page: what is committed while it is read is found by the wait.
            let visible = isLive && !isProved ? try await store.lastPosition() : .beforeFirst
            let result = try await store.read(query)
            page = result.events
            index = 0
            next = result.next?.goingOn(behind: result)
            if let cursor = result.cursor {
                isProved = true
                self.query.cursor = cursor
            }
            if result.next == nil, isLive {
                // How far the page has looked, by itself: another answer may be another server's.
                let looked = result.cursor?.position ?? visible
                seenPosition = Swift.max(seenPosition, looked, page.last?.position ?? .beforeFirst)
            }
        }

        private nonisolated(nonsending) mutating func follow() async throws(StoreError) {
            // With what is known of the last event: where that is lost meanwhile, it is not waited for another.
            let known = isProved ? query.cursor : nil
            try await store.waitForEvent(
                after: known.flatMap { $0.position == seenPosition ? $0 : nil }
                    ?? EventCursor(position: seenPosition))
            var rest = query
            rest.positions = seenPosition.next ... query.positions.upperBound
            rest.limit = query.limit.map { $0 - returnedCount }
            next = rest
        }
    }
}

extension StoreError {
    fileprivate static let readCancelled = StoreError(
        .cancelled,
        "The task was cancelled while it read events, and not all of them were read; read again when they are needed."
    )
}
