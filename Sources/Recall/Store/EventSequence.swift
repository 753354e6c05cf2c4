// The convenient face of reading: one event after the other, over pages that are fetched as needed.
// Catching up and following are one loop, so there is no seam to lose events in.

extension EventStore {
    /// The events that `query` asks for, one after the other. Nothing is read before the first is asked for;
    /// going over them again reads again.
    public func events(_ query: EventQuery = EventQuery()) -> EventSequence {
        EventSequence(store: self, query: query, isLive: false)
    }

    /// The events from a position on and, when those are read, each new one as it becomes readable.
    /// Ends only with an error (`cancelled`, `closed`) or when the query's limit or range is reached.
    public func subscribe(_ query: EventQuery = EventQuery()) -> EventSequence {
        EventSequence(store: self, query: query, isLive: true)
    }
}

/// Events in order, fetched page by page.
public struct EventSequence: AsyncSequence, Sendable {
    /// Whole events, copied out of the store.
    public typealias Element = RecordedEvent
    /// Every failure is the store's: damage, a cancelled task, a store that was closed.
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

        init(store: any EventStore, next: EventQuery?, query: EventQuery, isLive: Bool) {
            self.store = store
            self.next = next
            self.query = query
            self.isLive = isLive && query.direction == .forwards
            self.seenPosition = query.positions.lowerBound.previous
        }

        public mutating func next() async throws -> RecordedEvent? {
            try await next(isolation: nil)
        }

        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(StoreError) -> RecordedEvent? {
            while true {
                if index < page.count {
                    defer { index += 1 }
                    returnedCount += 1
                    return page[index]
                }
                if let limit = query.limit, returnedCount >= limit { return nil }
                if let next {
                    // Read before the page: what is committed while it is read is found by the wait.
                    let visible = isLive ? try await store.lastPosition() : .beforeFirst
                    let result = try await store.read(next)
                    page = result.events
                    index = 0
                    self.next = result.next
                    if result.next == nil, isLive {
                        seenPosition = Swift.max(seenPosition, visible, page.last?.position ?? .beforeFirst)
                    }
                    continue
                }
                guard isLive, seenPosition < query.positions.upperBound else { return nil }
                // A wait that returns early must not keep a cancelled task going round.
                if Task.isCancelled {
                    throw StoreError(
                        .cancelled,
                        "The task was cancelled while it followed the events; subscribe again from position \(seenPosition.next) to go on."
                    )
                }
                try await store.waitForEvent(after: seenPosition)
                var rest = query
                rest.positions = seenPosition.next ... query.positions.upperBound
                rest.limit = query.limit.map { $0 - returnedCount }
                next = rest
            }
        }
    }
}
