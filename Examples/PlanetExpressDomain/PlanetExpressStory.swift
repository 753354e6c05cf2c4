// The story from beginning to end, over whatever store it is given. The store is closed and opened
// again in the middle, so that what is printed can only come from what was stored.

public import Recall

/// Founds a company, changes it, and brings it back from the store.
public struct PlanetExpressStory: Sendable {
    /// A store that is open, and the way to close it.
    public struct Session: Sendable {
        /// Where the story's events go.
        public var events: any EventStore
        /// Closes the store.
        public var close: @Sendable () async throws -> Void

        /// A store that needs no closing unless `close` is given.
        public init(events: any EventStore, close: @escaping @Sendable () async throws -> Void = {}) {
            self.events = events
            self.close = close
        }
    }

    private let open: @Sendable () async throws -> Session

    /// - Parameter open: opens the store; called twice, with the first session closed between.
    public init(open: @escaping @Sendable () async throws -> Session) { self.open = open }

    /// Tells the story.
    /// - Parameters:
    ///   - print: gets each line of the company as it was loaded again.
    ///   - replayed: gets each of the company's events, in order, after that.
    public func tell(
        print: @Sendable (String) -> Void, replayed: @Sendable (RecordedEvent) -> Void
    ) async throws {
        let id = try await withSession { session in
            let repository = Repository<Company>(eventStore: session.events)
            let saved = try await repository.create { company in
                try company.found(name: "Planet Express")
                try company.hire("Turanga Leela", as: "Captain")
                let fry = try company.hire("Philip Fry", as: "Delivery Boy")
                try company.promote(fry, to: "Narwhal Trainer")
            }
            return saved.aggregate.id
        }
        try await withSession { session in
            let company = try await Repository<Company>(eventStore: session.events).load(id)
            print(company.name)
            for employee in company.employees { print(" - \(employee.name), \(employee.title)") }
            for try await event in session.events.events(EventQuery(.graph(id))) { replayed(event) }
        }
    }

    private func withSession<Result: Sendable>(
        _ work: (Session) async throws -> Result
    ) async throws -> Result {
        let session = try await open()
        let result: Result
        do {
            result = try await work(session)
        } catch {
            try? await session.close()
            throw error
        }
        try await session.close()
        return result
    }
}
