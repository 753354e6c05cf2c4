// What is asked of an aggregate in a scenario, and the two ways in which it can end.

public import Recall

/// A scenario with its question: `then` says what happens, `thenRefused` why nothing does.
public struct Question<Root: AggregateRoot, Result>: Sendable {
    let scenario: Scenario<Root>
    let change: @Sendable (inout Root) throws -> Result

    /// Lets it happen, and compares what was stored with what is expected: the same events, of the same entities, in the same order. On the way the state
    /// is held against a replay of all events, and the snapshot too.
    /// - Returns: the aggregate as it is saved, and what the decision returned.
    /// - Throws: `ScenarioFailure`, with the events that differ.
    @discardableResult
    public func then(
        _ facts: Root.Fact..., fileID: StaticString = #fileID, line: UInt = #line
    ) async throws -> Outcome<Root, Result> {
        try await run(ScenarioPlace(fileID: fileID, line: line)) { _ in facts.map(Happening.root) }
    }

    /// The same with events of children: `.then([.root(.hired(…)), .child(Employee.self, fry, .promoted(…))])`; `[]` for nothing.
    /// - Throws: `ScenarioFailure`, with the events that differ.
    @discardableResult
    public func then(
        _ happenings: [Happening<Root>], fileID: StaticString = #fileID, line: UInt = #line
    ) async throws -> Outcome<Root, Result> {
        try await run(ScenarioPlace(fileID: fileID, line: line)) { _ in happenings }
    }

    /// The same with events that depend on what the decision returned, such as the id that it has given to a new child.
    /// - Throws: `ScenarioFailure`, with the events that differ.
    @discardableResult
    public func then(
        fileID: StaticString = #fileID, line: UInt = #line, _ happenings: (Result) -> [Happening<Root>]
    ) async throws -> Outcome<Root, Result> {
        try await run(ScenarioPlace(fileID: fileID, line: line), happenings)
    }

    /// Lets it happen, and expects to be refused with an error that is equal to this one, and that nothing is stored.
    /// - Throws: `ScenarioFailure`, with what happened instead.
    public func thenRefused<Refusal: Error & Equatable>(
        with refusal: Refusal, fileID: StaticString = #fileID, line: UInt = #line
    ) async throws {
        try await refused(ScenarioPlace(fileID: fileID, line: line), "\(refusal)") {
            $0 as? Refusal == refusal
        }
    }

    /// Lets it happen, and expects to be refused with an error of a type, and that nothing is stored.
    /// - Throws: `ScenarioFailure`, with what happened instead.
    public func thenRefused<Refusal: Error>(
        as type: Refusal.Type, fileID: StaticString = #fileID, line: UInt = #line
    ) async throws {
        try await refused(ScenarioPlace(fileID: fileID, line: line), "a \(type)") { $0 is Refusal }
    }

    private func run(
        _ place: ScenarioPlace, _ expected: (Result) -> [Happening<Root>]
    ) async throws -> Outcome<Root, Result> {
        let stage = try await staged(place)
        let before = try await stage.events.lastPosition()
        let saved: Saved<Root, Result>
        do {
            saved = try await stage.change(change)
        } catch {
            throw ScenarioFailure("expected events, and it was refused: \(error)", place)
        }
        let happened = try await stage.events.events(after: before)
        let happenings = expected(saved.result)
        let (id, coder) = (scenario.id, scenario.coder)
        let difference = EventDifference(
            expected: happenings.map { $0.line(rootID: id, coder) },
            happened: happened.map { $0.line(rootID: id) },
            isEqual: { happenings[$0].matches(happened[$1], rootID: id, coder) })
        if !difference.isEmpty {
            throw ScenarioFailure("other events happened than were expected:\n\(difference)", place)
        }
        if let problem = try await stage.problem(of: saved.aggregate) {
            throw ScenarioFailure(problem, place)
        }
        return Outcome(aggregate: saved.aggregate, result: saved.result)
    }

    private func refused(
        _ place: ScenarioPlace, _ expected: String, _ isExpected: (any Error) -> Bool
    ) async throws {
        let stage = try await staged(place)
        let before = try await stage.events.lastPosition()
        do {
            _ = try await stage.change(change)
        } catch {
            if isExpected(error) { return }
            throw ScenarioFailure("expected to be refused with \(expected), and it was with \(error)", place)
        }
        let happened = try await stage.events.events(after: before).map { $0.line(rootID: scenario.id) }
        let difference = EventDifference(expected: [], happened: happened, isEqual: { _, _ in false })
        throw ScenarioFailure(
            "expected to be refused with \(expected), and it was not:\n\(difference)", place)
    }

    private func staged(_ place: ScenarioPlace) async throws -> ScenarioStage<Root> {
        do {
            return try await scenario.stage()
        } catch {
            throw ScenarioFailure("what is given could not happen: \(error)", place)
        }
    }
}

/// How a scenario ended that did as it was expected to.
public struct Outcome<Root: AggregateRoot, Result> {
    /// The aggregate as it is saved.
    public let aggregate: Root
    /// What the decision returned.
    public let result: Result
}

extension Outcome: Sendable where Result: Sendable {}

extension MemoryEventStore {
    /// The events behind a position.
    fileprivate func events(after position: Position) async throws(StoreError) -> [RecordedEvent] {
        var events: [RecordedEvent] = []
        var next: EventQuery? = EventQuery(positions: position.next ... .last)
        while let query = next {
            let page = try await read(query)
            events += page.events
            next = page.next
        }
        return events
    }
}
