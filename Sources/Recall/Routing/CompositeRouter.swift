// Several routers as one. One that fails does not keep the events from the others.

/// Passes events to several routers, one after the other.
public struct CompositeRouter: EventRouter {
    private let routers: [(name: String, router: any EventRouter)]

    /// - Parameter routers: each with the name that an error calls it by.
    public init(_ routers: [(name: String, router: any EventRouter)]) { self.routers = routers }

    /// Routers that errors call by their types.
    public init(_ routers: any EventRouter...) {
        self.routers = routers.map { (name: "\(type(of: $0))", router: $0) }
    }

    /// Gives the events to every router.
    /// - Throws: `EventRoutingError` that names the routers that failed, when all were asked.
    public func route(_ events: [RecordedEvent]) async throws {
        guard let first = events.first, let last = events.last else { return }
        var failed: [(name: String, error: any Error)] = []
        for (name, router) in routers {
            do {
                try await router.route(events)
            } catch {
                failed.append((name, error))
            }
        }
        if failed.isEmpty { return }
        // Each says how far it came; what one of them did not get counts.
        let lowest = failed.map { failure in
            (failure.error as? EventRoutingError)?.unroutedPositions.lowerBound ?? first.position
        }.min()
        throw EventRoutingError(
            "\(failed.count) of \(routers.count) routers failed: \(failed.map { "\"\($0.name)\" (\(ErrorText.reason($0.error)))" }.joined(separator: ", ")); the others got all events: correct these and route to them again.",
            unroutedPositions: (lowest ?? first.position) ... last.position,
            causes: failed.map(\.error))
    }
}
