// History again, for those who were not there: read models are built, corrected and built anew by
// playing the events of a store into handlers.

/// Plays stored events into handlers.
///
///     var player = Player(store: store)
///     player.on(EmployeeHired.self) { hired, event in await directory.add(hired.name) }
///     let report = try await player.play()
public struct Player: Sendable {
    private let store: any EventStore
    private let coder: EventCoder
    private var handlers = EventHandlers()

    /// - Parameter coder: decodes the payloads for handlers that want a type. What it ignores reaches no handler.
    public init(store: any EventStore, coder: EventCoder = EventCoder()) {
        self.store = store
        self.coder = coder
    }

    /// Adds a handler for the events of a payload type, older schema versions included.
    /// - Parameter name: what reports and errors call it; the event type where nil.
    public mutating func on<Payload: EventPayload>(
        _ payload: Payload.Type, name: String? = nil,
        handle: @escaping @Sendable (Payload, RecordedEvent) async throws -> Void
    ) {
        handlers.add(.typed(payload, name: name, coder: coder, handle: handle))
    }

    /// Adds a handler for all events of an enum, older schema versions included: `on(CompanyEvent.self) { event, recorded in … }`.
    /// - Parameter name: what reports and errors call it; the enum's name where nil.
    public mutating func on<Fact: Event>(
        _ events: Fact.Type, name: String? = nil,
        handle: @escaping @Sendable (Fact, RecordedEvent) async throws -> Void
    ) {
        handlers.add(.cases(of: events, name: name, coder: coder, handle: handle))
    }

    /// Adds a handler for events that are stored under a name.
    public mutating func on(
        _ type: EventType, name: String? = nil,
        handle: @escaping @Sendable (RecordedEvent) async throws -> Void
    ) {
        handlers.add(.raw(type, name: name, handle: handle))
    }

    /// Adds a handler for all events.
    public mutating func onAll(
        name: String? = nil, handle: @escaping @Sendable (RecordedEvent) async throws -> Void
    ) {
        handlers.add(.all(name: name, handle: handle))
    }

    /// Gives the events of a query to the handlers that want them, in order, until there are no more.
    /// - Parameters:
    ///   - query: what is played; forwards.
    ///   - checkpoint: where an earlier run ended; what it played is left out.
    ///   - progress: hears how far it is after each page of events, and at the end.
    /// - Returns: who got how many events, and the checkpoint to go on from.
    /// - Throws: `PlayerError` at the first handler that fails, with what is needed to go on; nothing
    ///   behind that event is played. In a task that is cancelled it stops before the next event, with a `PlayerError` whose
    ///   `isCancellation` is true. Where the store does not hold the event at the checkpoint, because it was restored to an earlier
    ///   moment or is another one, the cause is a `StoreError` with the code `anotherHistory`, and nothing is played.
    @discardableResult
    public func play(
        _ query: EventQuery = EventQuery(), from checkpoint: PlayerCheckpoint = .start,
        progress: (@Sendable (PlayerProgress) async -> Void)? = nil
    ) async throws(PlayerError) -> PlayerReport {
        try await run(query, from: checkpoint, isDryRun: false, progress: progress)
    }

    /// Counts which handlers would get how many events, and calls none.
    /// - Throws: `PlayerError` where the store cannot be read.
    public func rehearse(
        _ query: EventQuery = EventQuery(), from checkpoint: PlayerCheckpoint = .start,
        progress: (@Sendable (PlayerProgress) async -> Void)? = nil
    ) async throws(PlayerError) -> PlayerReport {
        try await run(query, from: checkpoint, isDryRun: true, progress: progress)
    }

    private func run(
        _ query: EventQuery, from checkpoint: PlayerCheckpoint, isDryRun: Bool,
        progress: (@Sendable (PlayerProgress) async -> Void)?
    ) async throws(PlayerError) -> PlayerReport {
        var report = PlayerReport(checkpoint: checkpoint, handlerNames: handlers.all.map(\.name))
        guard query.direction == .forwards else {
            throw PlayerError(
                "Events are played forwards only: set the query's direction to forwards.",
                report: report)
        }
        let first = max(query.positions.lowerBound, checkpoint.position.next)
        guard first <= query.positions.upperBound else { return report }
        var cursor = checkpoint.cursor
        var isProved = false
        var next: EventQuery? = query.after(cursor)
        let visible = try await reading(report) { () throws(StoreError) in try await store.lastPosition() }
        let target = min(visible, query.positions.upperBound)
        while let query = next {
            let page = try await reading(report) { () throws(StoreError) in try await store.read(query) }
            // Of the store that gave the page.
            cursor.history = page.cursor?.history ?? cursor.history
            for event in page.events {
                try await play(event, isDryRun: isDryRun, report: &report)
                report.checkpoint.history = cursor.history
            }
            next = page.next?.goingOn(behind: page)
            if let looked = page.cursor {
                isProved = true
                cursor = looked
            }
            await progress?(
                PlayerProgress(
                    position: page.next == nil
                        ? max(report.checkpoint.position, target) : report.checkpoint.position,
                    lastPosition: target, eventCount: report.eventCount))
        }
        // The filters left out all behind the last event, so the next run need not look there again.
        let didReachLimit = query.limit.map { report.eventCount >= $0 } ?? false
        if !didReachLimit, report.checkpoint.position < target {
            // The last page's word, where it has one: the end of another answer may be that of another server, which has since lost events.
            report.checkpoint = isProved ? PlayerCheckpoint(cursor) : PlayerCheckpoint(position: target)
        }
        return report
    }

    private func play(
        _ event: RecordedEvent, isDryRun: Bool, report: inout PlayerReport
    ) async throws(PlayerError) {
        var isWanted = false
        if Task.isCancelled { throw .cancelled(report) }
        for handler in handlers.matching(event, coder: coder) {
            isWanted = true
            if !isDryRun {
                do {
                    try await handler.handle(event)
                } catch {
                    throw PlayerError(
                        "The handler \"\(handler.name)\" failed on the event \"\(event.type)\" at position \(event.position) (\(ErrorText.reason(error))): correct it and go on from the checkpoint \(report.checkpoint.position).",
                        handlerName: handler.name, position: event.position, report: report, cause: error)
                }
            }
            report.eventCountsByHandler[handler.name, default: 0] += 1
        }
        report.eventCount += 1
        if !isWanted { report.unhandledEventCount += 1 }
        report.checkpoint.position = event.position
        report.checkpoint.eventID = event.id
    }

    private func reading<Value: Sendable>(
        _ report: PlayerReport, _ read: () async throws(StoreError) -> Value
    ) async throws(PlayerError) -> Value {
        do throws(StoreError) {
            return try await read()
        } catch {
            if Task.isCancelled, error.code == .cancelled { throw .cancelled(report) }
            throw PlayerError(
                "The store could not be read behind position \(report.checkpoint.position): \(error.message)",
                report: report, cause: error)
        }
    }
}
